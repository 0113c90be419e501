// Loads the projections of attention blocks.
#include "models/layers/attention.h"

#include <algorithm>
#include <cmath>

#include "kernels/context.h"
#include "kernels/gemm/multiply.h"
#include "models/layers/linear.h"

namespace tessera::models {

using kernels::Dense;
using kernels::PackedMatrix;

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

// One of W^Q, W^K, W^V: heads of `head_width` outputs each.
struct HeadProjection {
  std::string name;
  std::size_t head_width;
};

std::vector<std::size_t> StoredShape(const HeadProjection& projection,
                                     const StackShape& shape) {
  const std::size_t heads = shape.attention.heads;
  const std::size_t width = projection.head_width;
  if (shape.head_storage == HeadStorage::kPerHead) {
    if (shape.columns) return {heads, shape.width, width};
    return {heads, width, shape.width};
  }
  if (shape.columns) return {shape.width, heads * width};
  return {heads * width, shape.width};
}

// second [outputs, D] times first [D, D].
std::vector<float> Fold(const std::vector<float>& second,
                        const std::vector<float>& first, std::size_t width) {
  const std::size_t outputs = second.size() / width;
  const std::vector<float> columns = Transposed(first.data(), width, width);
  PackedMatrix matrix(width, width);  // outputs: columns of `first`
  matrix.SetRows(0, Dense(columns.data(), width, width));
  std::vector<float> folded(second.size());
  kernels::ExecContext context;
  Multiply(Dense(second.data(), outputs, width), matrix, {},
           Dense(folded.data(), outputs, width), context);
  return folded;
}

// Rows [H * head_width, D].
std::vector<float> ReadHeads(WeightReader& reader,
                             const HeadProjection& projection,
                             const StackShape& shape) {
  const std::size_t width = shape.width;
  const std::size_t outputs = shape.attention.heads * projection.head_width;
  std::vector<float> weight =
      reader.Read(projection.name + ".weight", StoredShape(projection, shape));
  if (shape.columns && shape.head_storage == HeadStorage::kPerHead) {
    const std::size_t head = projection.head_width * width;
    for (std::size_t first = 0; first < weight.size(); first += head) {
      const auto rows =
          Transposed(&weight[first], width, projection.head_width);
      std::copy(rows.begin(), rows.end(), &weight[first]);
    }
  } else if (shape.columns) {
    weight = Transposed(weight.data(), width, outputs);
  }
  if (shape.head_storage != HeadStorage::kTwoStep) return weight;
  const LinearShape square = {
      .outputs = width, .inputs = width, .columns = shape.columns};
  return Fold(weight, ReadMatrix(reader, projection.name + ".first", square),
              width);
}

std::vector<float> ReadBias(WeightReader& reader,
                            const HeadProjection& projection,
                            const StackShape& shape) {
  const std::size_t heads = shape.attention.heads;
  const std::string name = projection.name + ".bias";
  return shape.head_storage == HeadStorage::kPerHead
             ? reader.Read(name, {heads, projection.head_width})
             : reader.Read(name, {heads * projection.head_width});
}

// Several projections of the same states, packed one after another.
PackedMatrix LoadHeads(WeightReader& reader,
                       const std::vector<HeadProjection>& projections,
                       const StackShape& shape) {
  std::size_t outputs = 0;
  for (const HeadProjection& projection : projections) {
    reader.Check(projection.name + ".weight", StoredShape(projection, shape));
    outputs += shape.attention.heads * projection.head_width;
  }
  PackedMatrix matrix(outputs, shape.width);
  std::size_t first = 0;
  for (const HeadProjection& projection : projections) {
    const std::size_t own = shape.attention.heads * projection.head_width;
    const auto weight = ReadHeads(reader, projection, shape);
    matrix.SetRows(first, Dense(weight.data(), own, shape.width));
    if (shape.attention.bias) {
      matrix.SetBias(first, ReadBias(reader, projection, shape));
    }
    first += own;
  }
  return matrix;
}

std::vector<float> ReadScore(WeightReader& reader, const std::string& prefix,
                             const AttentionForm& form) {
  if (form.score != Score::kAdditive) return {};
  return reader.Read(prefix + ".score.weight", {form.heads, form.key_width});
}

HeadProjection Queries(const std::string& prefix, const StackShape& shape) {
  return {prefix + ".q_proj", shape.attention.key_width};
}
HeadProjection Keys(const std::string& prefix, const StackShape& shape) {
  return {prefix + ".k_proj", shape.attention.key_width};
}
HeadProjection Values(const std::string& prefix, const StackShape& shape) {
  return {prefix + ".v_proj", shape.attention.value_width};
}

}  // namespace

SelfAttentionWeights::SelfAttentionWeights(WeightReader& reader,
                                           const std::string& prefix,
                                           const StackShape& shape)
    : qkv(LoadHeads(
          reader,
          {Queries(prefix, shape), Keys(prefix, shape), Values(prefix, shape)},
          shape)),
      score(ReadScore(reader, prefix, shape.attention)) {}

CrossAttentionWeights::CrossAttentionWeights(WeightReader& reader,
                                             const std::string& prefix,
                                             const StackShape& shape)
    : q(LoadHeads(reader, {Queries(prefix, shape)}, shape)),
      kv(LoadHeads(reader, {Keys(prefix, shape), Values(prefix, shape)},
                   shape)),
      score(ReadScore(reader, prefix, shape.attention)) {}

std::vector<float> ReadOutputProjection(WeightReader& reader,
                                        const std::string& prefix,
                                        const StackShape& shape) {
  const std::string name = prefix + ".out_proj";
  const std::size_t heads = shape.attention.heads, width = shape.width;
  const std::size_t head_width = shape.attention.value_width;
  if (shape.head_storage != HeadStorage::kPerHead) {
    return ReadMatrix(reader, name,
                      {.outputs = width,
                       .inputs = heads * head_width,
                       .columns = shape.columns});
  }
  if (shape.columns) {  // [H, C, D]: the transposed of [D, H C]
    const auto stored =
        reader.Read(name + ".weight", {heads, head_width, width});
    return Transposed(stored.data(), heads * head_width, width);
  }
  const auto stored = reader.Read(name + ".weight", {heads, width, head_width});
  std::vector<float> rows(stored.size());
  for (std::size_t h = 0; h < heads; ++h) {
    for (std::size_t d = 0; d < width; ++d) {
      std::copy_n(&stored[(h * width + d) * head_width], head_width,
                  &rows[(d * heads + h) * head_width]);
    }
  }
  return rows;
}

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
