// Token embeddings with positions.
#include "models/layers/embedding.h"

#include <cmath>

namespace tessera::models {

using kernels::Dense;
using kernels::Rows;

std::vector<float> SinusoidPositions(Positions form, std::size_t positions,
                                     std::size_t width) {
  std::vector<float> table(positions * width);
  const std::size_t sines = (width + 1) / 2;
  const bool halves = form != Positions::kSinusoid;
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

void Embed(const kernels::MatrixLayout& table, const EmbeddingRule& rule,
           std::span<const float> positions, const PlacedTokens& tokens,
           Rows<float> x, kernels::ExecContext& context) {
  kernels::EmbedInput input = {.ids = tokens.ids.data(), .scale = rule.scale};
  if (!positions.empty()) {
    const Rows<const float> all =
        Dense(positions.data(), positions.size() / x.cols, x.cols);
    input.positions =
        all.Slice(rule.position_offset, all.rows - rule.position_offset);
    input.position = tokens.positions.data();
    input.skip_zeros = rule.skip_zeros;
  }
  EmbedRows(table, input, x, context);
}

}  // namespace tessera::models
