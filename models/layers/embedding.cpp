// Token embeddings with positions.
#include "models/layers/embedding.h"

#include <algorithm>
#include <cmath>

namespace tessera::models {

using kernels::Dense;
using kernels::Rows;

namespace {

std::vector<float> FairseqPositions(std::size_t positions, std::size_t width) {
  std::vector<float> table(positions * width);
  const std::size_t half = width / 2;
  const auto step =
      static_cast<float>(-std::log(10000.0) / static_cast<double>(half - 1));
  for (std::size_t i = 0; i < half; ++i) {
    const float frequency = std::exp(static_cast<float>(i) * step);
    for (std::size_t p = 0; p < positions; ++p) {
      const float angle = static_cast<float>(p) * frequency;
      table[p * width + i] = std::sin(angle);
      table[p * width + half + i] = std::cos(angle);
    }
  }
  return table;
}

// f32 [rows, width] of a stack.
std::vector<float> LoadPositions(const MatrixSource& stack, Positions form,
                                 std::size_t rows, std::size_t width) {
  if (form == Positions::kNone) return {};
  const bool stored =
      form == Positions::kLearned ||
      (form == Positions::kStoredHalf && stack.HasMatrix("positions"));
  return stored ? stack.Rows("positions", rows, width)
                : SinusoidPositions(form, rows, width);
}

}  // namespace

std::vector<float> SinusoidPositions(Positions form, std::size_t positions,
                                     std::size_t width) {
  if (form == Positions::kSinusoidFairseq) {
    return FairseqPositions(positions, width);
  }
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

Embedding::Embedding(const MatrixSource& stack, const EmbeddingRule& rule,
                     std::size_t positions, std::size_t width)
    : rule_(rule),
      positions_(LoadPositions(stack, rule.positions,
                               positions + rule.position_offset, width)) {
  if (rule.unplaced) {
    std::fill_n(&positions_[static_cast<std::size_t>(*rule.unplaced) * width],
                width, 0.0f);
  }
  if (rule.norm == EmbeddingNorm::kNone) return;
  norm_.emplace(stack.Within("embedding_norm"), width, NormForm{});
}

void Embedding::Apply(const kernels::MatrixLayout& table,
                      const PlacedTokens& tokens, Rows<float> x,
                      kernels::ExecContext& context) const {
  kernels::EmbedInput input = {.ids = tokens.ids.data(), .scale = rule_.scale};
  const Rows<const float> positions =
      Dense(positions_.data(), positions_.size() / x.cols, x.cols);
  const bool late = rule_.norm == EmbeddingNorm::kBeforePositions;
  if (!late && positions.rows > 0) {
    input.positions = positions;
    input.position = tokens.rows.data();
    input.skip_zeros = rule_.skip_zeros;
  }
  EmbedRows(table, input, x, context);
  if (norm_) norm_->Apply(x, {}, x, context);
  for (std::size_t r = 0; late && r < x.rows; ++r) {
    const auto row = static_cast<std::size_t>(tokens.rows[r]);
    AddRows({.x = positions.Slice(row, 1),
             .added = x.Slice(r, 1),
             .y = x.Slice(r, 1)},
            context);
  }
}

}  // namespace tessera::models
