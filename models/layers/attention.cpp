// Attention in the form of a stack.
#include "models/layers/attention.h"

#include <cmath>

namespace tessera::models {

kernels::AttentionShape AttentionForm::shape() const {
  return {.heads = heads,
          .kv_heads = heads,
          .key_width = key_width,
          .value_width = value_width,
          .scale = score == Score::kScaledDot
                       ? 1.0f / std::sqrt(static_cast<float>(key_width))
                       : 1.0f,
          .normaliser = normaliser};
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

void Attend(const kernels::AttentionShape& shape,
            const std::vector<float>& score, kernels::Rows<const float> queries,
            std::span<const kernels::AttentionSequence> sequences,
            kernels::Rows<float> out, kernels::ExecContext& context) {
  if (score.empty()) {
    Attention(shape, queries, sequences, out, context);
  } else {
    AdditiveAttention(shape, score.data(), queries, sequences, out, context);
  }
}

void AttendRows(const kernels::AttentionShape& shape,
                const std::vector<float>& score,
                const kernels::AttentionRowsInput& input,
                kernels::Rows<float> out, kernels::ExecContext& context) {
  if (score.empty()) {
    AttentionRows(shape, input, out, context);
  } else {
    AdditiveAttentionRows(shape, score.data(), input, out, context);
  }
}

}  // namespace tessera::models
