// Token embeddings with positions.
#include "models/layers/embedding.h"

#include <cmath>

namespace tessera::models {

using kernels::Dense;
using kernels::Rows;

std::vector<float> SinusoidPositions(Sinusoid form, std::size_t positions,
                                     std::size_t width) {
  std::vector<float> table(positions * width);
  const std::size_t sines = (width + 1) / 2;
  const bool halves = form == Sinusoid::kHalves;
  for (std::size_t p = 0; p < positions; ++p) {
    float* const row = &table[p * width];
    for (std::size_t i = 0; i < sines; ++i) {
      const double angle = static_cast<double>(p) /
                           std::pow(10000.0, 2.0 * static_cast<double>(i) /
                                                 static_cast<double>(width));
      const std::size_t sine = halves ? i : 2 * i;
      const std::size_t cosine = halves ? sines + i : 2 * i + 1;
      row[sine] = static_cast<float>(std::sin(angle));
      if (cosine < width) row[cosine] = static_cast<float>(std::cos(angle));
    }
  }
  return table;
}

namespace {

void AddPositions(Rows<const float> table, const EmbeddingRule& rule,
                  std::span<const std::int32_t> positions, Rows<float> x) {
  for (std::size_t r = 0; r < x.rows; ++r) {
    const float* const position =
        table[static_cast<std::size_t>(positions[r]) + rule.position_offset];
    for (std::size_t c = 0; c < x.cols; ++c) {
      if (x[r][c] != 0.0f) x[r][c] += position[c];
    }
  }
}

}  // namespace

void Embed(const kernels::MatrixLayout& table, const EmbeddingRule& rule,
           std::span<const float> positions, const PlacedTokens& tokens,
           Rows<float> x) {
  kernels::EmbedInput input = {.ids = tokens.ids.data(), .scale = rule.scale};
  if (positions.empty()) return EmbedRows(table, input, x);
  const Rows<const float> all =
      Dense(positions.data(), positions.size() / x.cols, x.cols);
  if (rule.skip_zeros) {
    EmbedRows(table, input, x);
    return AddPositions(all, rule, tokens.positions, x);
  }
  input.positions =
      all.Slice(rule.position_offset, all.rows - rule.position_offset);
  input.position = tokens.positions.data();
  EmbedRows(table, input, x);
}

}  // namespace tessera::models
