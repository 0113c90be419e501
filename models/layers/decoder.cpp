// The decoder, one token a row at a time.
#include "models/layers/decoder.h"

#include "kernels/denormals.h"

namespace tessera::models {

using kernels::Activation;
using kernels::AlignedBuffer;
using kernels::Dense;
using kernels::ExecContext;
using kernels::Rows;

namespace {

kernels::BlockShape CacheShape(const StackShape& shape) {
  const std::size_t width = shape.width / shape.heads;
  return {.kv_heads = shape.heads, .key_width = width, .value_width = width};
}

}  // namespace

DecoderState::DecoderState(const StackShape& shape, std::size_t hidden_floats,
                           std::size_t max_sentences, std::size_t max_rows,
                           std::size_t max_positions)
    : rows(shape.layers, CacheShape(shape), max_rows, max_positions),
      sentences(shape.layers, CacheShape(shape), max_sentences),
      x(max_rows * shape.width),
      qkv(max_rows * 3 * shape.width),
      attended(max_rows * shape.width),
      out(max_rows * shape.width),
      hidden(hidden_floats) {
  parents.reserve(max_rows);
  positions.reserve(max_rows);
  self_sequences.reserve(max_rows);
  cross_sequences.reserve(max_sentences);
  cross_slots.reserve(max_sentences);
}

Decoder::Layer::Layer(WeightReader& reader, const std::string& prefix,
                      const StackShape& shape)
    : self_attention(reader, prefix + ".self_attn", shape.width),
      self_attention_norm(reader, prefix + ".self_attn_layer_norm", shape.width,
                          shape.norm_epsilon),
      cross_attention(reader, prefix + ".encoder_attn", shape.width),
      cross_attention_norm(reader, prefix + ".encoder_attn_layer_norm",
                           shape.width, shape.norm_epsilon),
      feed_forward(reader, prefix, shape.width, shape.hidden_width,
                   shape.activation),
      feed_forward_norm(reader, prefix + ".final_layer_norm", shape.width,
                        shape.norm_epsilon) {}

Decoder::Decoder(WeightReader& reader, const std::string& prefix,
                 const StackShape& shape)
    : shape_(shape),
      // A step's row is the last of its sequence: it sees all of the cache.
      attention_(kernels::SelfAttentionShape(
          shape.heads, shape.width / shape.heads, /*causal=*/false)) {
  layers_.reserve(shape.layers);
  for (std::size_t i = 0; i < shape.layers; ++i) {
    layers_.emplace_back(reader, prefix + ".layers." + std::to_string(i),
                         shape);
  }
}

DecoderState Decoder::Open(std::size_t max_sentences, std::size_t max_rows,
                           std::size_t max_positions) const {
  const std::size_t hidden =
      layers_.empty() ? 0 : layers_[0].feed_forward.hidden_floats();
  return DecoderState(shape_, hidden, max_sentences, max_rows, max_positions);
}

void Decoder::Admit(const EncoderStates& encoded,
                    std::span<const std::int32_t> slots, DecoderState& state,
                    ExecContext& context) const {
  const kernels::FlushDenormals flush;
  const std::size_t width = shape_.width;
  const auto tokens = static_cast<std::size_t>(encoded.offsets.back());
  const auto first = [&](std::size_t b) {
    return static_cast<std::size_t>(encoded.offsets[b]);
  };
  for (std::size_t b = 0; b < slots.size(); ++b) {
    state.sentences.Reset(static_cast<std::size_t>(slots[b]),
                          first(b + 1) - first(b));
  }
  AlignedBuffer<float> buffer(tokens * 2 * width);
  const Rows<float> kv = Dense(buffer.data(), tokens, 2 * width);
  for (std::size_t layer = 0; layer < layers_.size(); ++layer) {
    Multiply(Dense(encoded.states.data(), tokens, width),
             layers_[layer].cross_attention.kv, Activation::kIdentity, kv,
             context);
    for (std::size_t b = 0; b < slots.size(); ++b) {
      const Rows<float> own = kv.Slice(first(b), first(b + 1) - first(b));
      state.sentences.Set(layer, static_cast<std::size_t>(slots[b]),
                          own.Columns(0, width), own.Columns(width, width));
    }
  }
}

void Decoder::Begin(std::span<const StepRow> rows, DecoderState& state) const {
  state.parents.clear();
  state.positions.clear();
  state.self_sequences.clear();
  state.cross_sequences.clear();
  state.cross_slots.clear();
  for (const StepRow& row : rows) state.parents.push_back(row.parent);
  state.rows.Advance(state.parents);
  for (std::size_t r = 0; r < rows.size(); ++r) {
    state.positions.push_back(state.rows.position(r));
    state.self_sequences.push_back({.first_row = r, .rows = 1, .cache = {}});
    if (state.cross_slots.empty() ||
        state.cross_slots.back() != rows[r].sentence) {
      state.cross_slots.push_back(rows[r].sentence);
      state.cross_sequences.push_back({.first_row = r, .rows = 0, .cache = {}});
    }
    ++state.cross_sequences.back().rows;
  }
}

void Decoder::SelfAttend(std::size_t layer, Rows<const float> x,
                         Rows<float> out, DecoderState& state,
                         ExecContext& context) const {
  const std::size_t width = shape_.width;
  const Rows<float> qkv = Dense(state.qkv.data(), x.rows, 3 * width);
  const Rows<float> attended = Dense(state.attended.data(), x.rows, width);
  const SelfAttentionWeights& weights = layers_[layer].self_attention;
  Multiply(x, weights.qkv, Activation::kIdentity, qkv, context);
  for (std::size_t r = 0; r < x.rows; ++r) {
    state.rows.Append(layer, r, qkv[r] + width, qkv[r] + 2 * width);
    state.self_sequences[r].cache = state.rows.View(layer, r);
  }
  Attention(attention_, qkv.Columns(0, width), state.self_sequences, attended,
            context);
  Multiply(attended, weights.out, Activation::kIdentity, out, context);
}

void Decoder::CrossAttend(std::size_t layer, Rows<const float> x,
                          Rows<float> out, DecoderState& state,
                          ExecContext& context) const {
  const std::size_t width = shape_.width;
  const Rows<float> queries = Dense(state.qkv.data(), x.rows, width);
  const Rows<float> attended = Dense(state.attended.data(), x.rows, width);
  const CrossAttentionWeights& weights = layers_[layer].cross_attention;
  Multiply(x, weights.q, Activation::kIdentity, queries, context);
  for (std::size_t s = 0; s < state.cross_sequences.size(); ++s) {
    const auto slot = static_cast<std::size_t>(state.cross_slots[s]);
    state.cross_sequences[s].cache = state.sentences.View(layer, slot);
  }
  Attention(attention_, queries, state.cross_sequences, attended, context);
  Multiply(attended, weights.out, Activation::kIdentity, out, context);
}

void Decoder::Run(Rows<float> x, DecoderState& state,
                  ExecContext& context) const {
  const kernels::FlushDenormals flush;
  const Rows<float> out = Dense(state.out.data(), x.rows, shape_.width);
  for (std::size_t i = 0; i < layers_.size(); ++i) {
    const Layer& layer = layers_[i];
    SelfAttend(i, x, out, state, context);
    layer.self_attention_norm.AddAndNormalise(x, out);
    CrossAttend(i, x, out, state, context);
    layer.cross_attention_norm.AddAndNormalise(x, out);
    layer.feed_forward.Apply(x, state.hidden, out, context);
    layer.feed_forward_norm.AddAndNormalise(x, out);
  }
}

std::size_t Decoder::bytes() const {
  std::size_t bytes = 0;
  for (const Layer& layer : layers_) {
    bytes += layer.self_attention.bytes() + layer.cross_attention.bytes() +
             layer.feed_forward.bytes();
  }
  return bytes;
}

}  // namespace tessera::models
