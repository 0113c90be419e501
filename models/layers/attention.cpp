// Attention in the form of a stack.
#include "models/layers/attention.h"

#include <cmath>

namespace tessera::models {

kernels::AttentionShape AttentionForm::shape(
    const std::vector<float>& score_weights) const {
  return {.heads = heads,
          .kv_heads = heads,
          .key_width = key_width,
          .value_width = value_width,
          .scale = score == Score::kScaledDot
                       ? 1.0f / std::sqrt(static_cast<float>(key_width))
                       : 1.0f,
          .normaliser = normaliser,
          .score = score == Score::kAdditive ? kernels::Score::kAdditive
                                             : kernels::Score::kDot,
          .score_weights = score_weights.data(),
          .alike = true};  // beams come and go, and so do tokens of a prefix
}

namespace {

std::vector<float> ReadScore(const MatrixSource& source,
                             const AttentionForm& form) {
  if (form.score != Score::kAdditive) return {};
  return source.Rows("score", form.heads, form.key_width);
}

}  // namespace

SelfAttentionWeights::SelfAttentionWeights(const MatrixSource& source,
                                           const StackShape& shape)
    : qkv(source.Matrix({{"query", shape.attention.key_columns()},
                         {"key", shape.attention.key_columns()},
                         {"value", shape.attention.value_columns()}},
                        shape.width)),
      score(ReadScore(source, shape.attention)) {}

CrossAttentionWeights::CrossAttentionWeights(const MatrixSource& source,
                                             const StackShape& shape)
    : q(source.Matrix({{"query", shape.attention.key_columns()}}, shape.width)),
      kv(source.Matrix({{"key", shape.attention.key_columns()},
                        {"value", shape.attention.value_columns()}},
                       shape.width)),
      score(ReadScore(source, shape.attention)) {}

}  // namespace tessera::models
