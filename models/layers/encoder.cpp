// The encoder: layers of self-attention and feed-forward.
#include "models/layers/encoder.h"

#include <algorithm>
#include <utility>

#include "kernels/denormals.h"
#include "kernels/gemm/multiply.h"
#include "kernels/profile.h"
#include "models/layers/stack.h"

namespace tessera::models {

using kernels::Dense;
using kernels::Rows;

namespace {

// The tokens of the longest sentence.
std::size_t Longest(std::span<const std::int32_t> offsets) {
  std::int32_t longest = 0;
  for (std::size_t b = 0; b + 1 < offsets.size(); ++b) {
    longest = std::max(longest, offsets[b + 1] - offsets[b]);
  }
  return static_cast<std::size_t>(longest);
}

}  // namespace

// What one run needs besides its states, in the memory of the context.
struct Encoder::WorkSpace {
  WorkSpace(const StackShape& shape, std::size_t rows, std::size_t work_floats,
            std::size_t bias_floats, kernels::ExecContext& context) {
    const AttentionForm& form = shape.attention;
    const std::size_t columns = 2 * form.key_columns() + form.value_columns();
    const std::size_t norms = shape.norm.first ? shape.width : 0;
    work = context.Work(
        rows * (columns + form.value_columns() + shape.width + norms) +
        work_floats + bias_floats);
    biases = work + work_floats;
    float* next = biases + bias_floats;
    const auto take = [&](std::size_t cols) {
      return Dense(std::exchange(next, next + rows * cols), rows, cols);
    };
    qkv = take(columns);
    heads = take(form.value_columns());
    out = take(shape.width);
    if (norms > 0) normed = take(norms);
  }

  float* work;         // of head outputs and layer ends
  float* biases;       // by distance
  Rows<float> qkv;     // f32 [rows, 2 H K + H C]
  Rows<float> heads;   // f32 [rows, H C]
  Rows<float> out;     // f32 [rows, D]
  Rows<float> normed;  // f32 [rows, D], of pre-norm
};

Encoder::Layer::Layer(const MatrixSource& source, const StackShape& shape)
    : attention(source.Within("self_attention"), shape),
      attention_output(source, "self_attention", shape, shape.branches),
      attention_norm(source.Within("self_attention.norm"), shape),
      end(source, shape) {}

Encoder::Encoder(const MatrixSource& source, const StackShape& shape)
    : shape_(shape),
      biases_(source, shape),
      layers_(ReadLayers<Layer>(source, shape)),
      last_norm_(ReadLastNorm(source, shape)) {}

void Encoder::Attend(std::size_t layer, const EncoderInput& input,
                     WorkSpace& work, const kernels::ScoreBias& bias,
                     float* weights, kernels::ExecContext& context) const {
  const kernels::ProfileScope scope(context, {.block = "self-attention"});
  const Layer& own = layers_[layer];
  const AttentionForm& form = shape_.attention;
  const std::size_t keys = form.key_columns();
  Multiply(own.attention_norm.Input(input.x, work.normed, context),
           own.attention.qkv, {.activation = form.activation}, work.qkv,
           context);
  kernels::AttentionRowsInput rows = {
      .queries = work.qkv.Columns(0, keys),
      .keys = work.qkv.Columns(keys, keys),
      .values = work.qkv.Columns(2 * keys, form.value_columns()),
      .query_offsets = input.offsets,
      .key_offsets = input.offsets,
      .bias = bias,
      .weights = weights};
  input.visibility.Apply(layer, rows);
  AttentionRows(form.shape(own.attention.score), rows, work.heads, context);
  const Rows<const float> out =
      own.attention_output.Apply(work.heads, work.work, work.out, context);
  own.attention_norm.Finish(input.x, out, context);
}

void Encoder::Run(const EncoderInput& input, kernels::ExecContext& context,
                  std::vector<AttentionMap>* maps) const {
  if (layers_.empty() || input.x.rows == 0) return;
  const kernels::FlushDenormals flush;
  const std::size_t longest = Longest(input.offsets);
  WorkSpace work(shape_, input.x.rows,
                 std::max(layers_[0].attention_output.work_floats(),
                          layers_[0].end.work_floats()),
                 biases_.floats(longest), context);
  biases_.Fill(longest, work.biases);
  for (std::size_t i = 0; i < layers_.size(); ++i) {
    const kernels::ProfileScope scope(context, {.layer = static_cast<int>(i)});
    float* weights = nullptr;
    if (maps) {
      const std::size_t tokens = input.x.rows;
      maps->emplace_back(shape_.attention.heads, tokens, tokens);
      weights = maps->back().weights.data();
    }
    Attend(i, input, work, biases_.View(i, 0, longest, work.biases), weights,
           context);
    layers_[i].end.Apply(input.x, work.work, work.normed, work.out, context);
  }
  if (last_norm_) last_norm_->Apply(input.x, {}, input.x, context);
}

}  // namespace tessera::models
