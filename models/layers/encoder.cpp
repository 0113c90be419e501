// The encoder: post-norm layers of self-attention and feed-forward.
#include "models/layers/encoder.h"

#include "kernels/aligned_buffer.h"
#include "kernels/denormals.h"

namespace tessera::models {

using kernels::Activation;
using kernels::AlignedBuffer;
using kernels::Dense;
using kernels::Rows;

Encoder::Layer::Layer(WeightReader& reader, const std::string& prefix,
                      const StackShape& shape)
    : self_attention(reader, prefix + ".self_attn", shape.width),
      self_attention_norm(reader, prefix + ".self_attn_layer_norm", shape.width,
                          shape.norm_epsilon),
      feed_forward(reader, prefix, shape.width, shape.hidden_width,
                   shape.activation),
      feed_forward_norm(reader, prefix + ".final_layer_norm", shape.width,
                        shape.norm_epsilon) {}

Encoder::Encoder(WeightReader& reader, const std::string& prefix,
                 const StackShape& shape)
    : shape_(shape),
      attention_(kernels::SelfAttentionShape(
          shape.heads, shape.width / shape.heads, /*causal=*/false)) {
  layers_.reserve(shape.layers);
  for (std::size_t i = 0; i < shape.layers; ++i) {
    layers_.emplace_back(reader, prefix + ".layers." + std::to_string(i),
                         shape);
  }
}

void Encoder::Run(Rows<float> x, std::span<const std::int32_t> offsets,
                  kernels::ExecContext& context) const {
  if (layers_.empty() || x.rows == 0) return;
  const kernels::FlushDenormals flush;
  const std::size_t width = shape_.width;
  AlignedBuffer<float> qkv_buffer(x.rows * 3 * width);
  AlignedBuffer<float> attended_buffer(x.rows * width);
  AlignedBuffer<float> out_buffer(x.rows * width);
  AlignedBuffer<float> hidden(layers_[0].feed_forward.hidden_floats());
  const Rows<float> qkv = Dense(qkv_buffer.data(), x.rows, 3 * width);
  const Rows<float> attended = Dense(attended_buffer.data(), x.rows, width);
  const Rows<float> out = Dense(out_buffer.data(), x.rows, width);
  for (const Layer& layer : layers_) {
    Multiply(x, layer.self_attention.qkv, Activation::kIdentity, qkv, context);
    AttentionRows(attention_,
                  {.queries = qkv.Columns(0, width),
                   .keys = qkv.Columns(width, width),
                   .values = qkv.Columns(2 * width, width),
                   .query_offsets = offsets,
                   .key_offsets = offsets},
                  attended, context);
    Multiply(attended, layer.self_attention.out, Activation::kIdentity, out,
             context);
    layer.self_attention_norm.AddAndNormalise(x, out);
    layer.feed_forward.Apply(x, hidden, out, context);
    layer.feed_forward_norm.AddAndNormalise(x, out);
  }
}

std::size_t Encoder::bytes() const {
  std::size_t bytes = 0;
  for (const Layer& layer : layers_) {
    bytes += layer.self_attention.bytes() + layer.feed_forward.bytes();
  }
  return bytes;
}

}  // namespace tessera::models
