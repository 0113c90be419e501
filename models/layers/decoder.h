// The decoder: post-norm layers of masked self-attention, cross-attention and
// feed-forward, one token a row at a time.
#ifndef TESSERA_MODELS_LAYERS_DECODER_H_
#define TESSERA_MODELS_LAYERS_DECODER_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "kernels/aligned_buffer.h"
#include "kernels/attention/attention.h"
#include "kernels/parallel.h"
#include "kernels/views.h"
#include "models/layers/attention.h"
#include "models/layers/encoder.h"
#include "models/layers/feed_forward.h"
#include "models/layers/kv_cache.h"
#include "models/layers/norm.h"
#include "models/layers/weight_reader.h"
#include "models/model.h"

namespace tessera::models {

// Caches and work space of a decoder, sized once when opened.
struct DecoderState {
  DecoderState(const StackShape& shape, std::size_t hidden_floats,
               std::size_t max_sentences, std::size_t max_rows,
               std::size_t max_positions);

  RowCache rows;
  SentenceCache sentences;
  std::vector<std::int32_t> parents;                        // i32 [rows]
  std::vector<std::int32_t> positions;                      // i32 [rows]
  std::vector<kernels::AttentionSequence> self_sequences;   // one a row
  std::vector<kernels::AttentionSequence> cross_sequences;  // one a sentence
  std::vector<std::int32_t> cross_slots;                    // their slots
  kernels::AlignedBuffer<float> x;                          // f32 [rows, D]
  kernels::AlignedBuffer<float> qkv;                        // f32 [rows, 3 D]
  kernels::AlignedBuffer<float> attended;                   // f32 [rows, D]
  kernels::AlignedBuffer<float> out;                        // f32 [rows, D]
  kernels::AlignedBuffer<float> hidden;  // of the feed-forward blocks
};

class Decoder {
 public:
  // Layers PREFIX.layers.0 and on.
  Decoder(WeightReader& reader, const std::string& prefix,
          const StackShape& shape);

  DecoderState Open(std::size_t max_sentences, std::size_t max_rows,
                    std::size_t max_positions) const;

  // Computes the cross-attention keys and values of encoded sentences.
  void Admit(const EncoderStates& encoded, std::span<const std::int32_t> slots,
             DecoderState& state, kernels::ExecContext& context) const;

  // Starts a step: gives each row its place in the caches, and its position.
  void Begin(std::span<const StepRow> rows, DecoderState& state) const;

  // Runs all layers on the rows' embeddings, in place: x f32 [rows, D].
  void Run(kernels::Rows<float> x, DecoderState& state,
           kernels::ExecContext& context) const;

  std::size_t bytes() const;

 private:
  struct Layer {
    Layer(WeightReader& reader, const std::string& prefix,
          const StackShape& shape);

    SelfAttentionWeights self_attention;
    LayerNorm self_attention_norm;
    CrossAttentionWeights cross_attention;
    LayerNorm cross_attention_norm;
    FeedForward feed_forward;
    LayerNorm feed_forward_norm;
  };

  void SelfAttend(std::size_t layer, kernels::Rows<const float> x,
                  kernels::Rows<float> out, DecoderState& state,
                  kernels::ExecContext& context) const;
  void CrossAttend(std::size_t layer, kernels::Rows<const float> x,
                   kernels::Rows<float> out, DecoderState& state,
                   kernels::ExecContext& context) const;

  StackShape shape_;
  kernels::AttentionShape attention_;
  std::vector<Layer> layers_;
};

}  // namespace tessera::models

#endif  // TESSERA_MODELS_LAYERS_DECODER_H_
