// The decoder: layers of masked self-attention, cross-attention and
// feed-forward, over the rows of a step.
#ifndef TESSERA_MODELS_LAYERS_DECODER_H_
#define TESSERA_MODELS_LAYERS_DECODER_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "kernels/aligned_buffer.h"
#include "kernels/attention/attention.h"
#include "kernels/context.h"
#include "kernels/views.h"
#include "models/batch.h"
#include "models/layers/asked_attention.h"
#include "models/layers/attention.h"
#include "models/layers/kv_cache.h"
#include "models/layers/layer_end.h"
#include "models/layers/norm.h"
#include "models/layers/relative_bias.h"
#include "models/layers/stack_shape.h"
#include "models/layers/visibility.h"
#include "models/model.h"
#include "models/weights/matrix_source.h"

namespace tessera::models {

// How many rows and sentences are decoded together, how far, and what their
// keys and values are kept as.
struct DecoderRoom {
  std::size_t sentences = 0;
  std::size_t rows = 0;
  std::size_t positions = 0;
  kernels::ElementType cache = kernels::ElementType::kF32;
};

// Caches and work space of a decoder, sized once when opened.
struct DecoderState {
  DecoderState(const StackShape& shape, const PaddingRule& padding,
               std::size_t work_floats, const DecoderRoom& room);

  // Makes room for a step of `tokens` tokens.
  void Reserve(const StackShape& shape, std::size_t tokens);

  RowCache rows;
  SentenceCache sentences;
  RowVisibility visibility;
  std::vector<std::int32_t> positions;  // i32 [T]
  // One for rows that share a cache and read a token each, or one a row.
  std::vector<kernels::AttentionSequence> self_sequences;
  std::vector<std::size_t> self_rows;                       // their first row
  std::vector<kernels::AttentionSequence> cross_sequences;  // one a sentence
  std::vector<std::int32_t> cross_slots;                    // their slots
  AskedAttention asked;                  // of the last layer's cross-attention
  kernels::AlignedBuffer<float> x;       // f32 [T, D]
  kernels::AlignedBuffer<float> qkv;     // f32 [T, 2 H K + H C]
  kernels::AlignedBuffer<float> heads;   // f32 [T, H C]
  kernels::AlignedBuffer<float> out;     // f32 [T, D]
  kernels::AlignedBuffer<float> normed;  // f32 [T, D]
  kernels::AlignedBuffer<float> work;    // of head outputs and layer ends
  std::size_t bias_positions = 0;        // positions below it have biases
  std::vector<float> biases;             // by distance
};

// Attention weights of a step of one row that reads T tokens.
struct StepMaps {
  std::vector<AttentionMap>& self;   // by layer: [H, T, keys]
  std::vector<AttentionMap>& cross;  // by layer: [H, T, S]
};

class Decoder {
 public:
  // Its layers are layers.0 and on; with pre-norm there is a norm, too.
  Decoder(const MatrixSource& source, const StackShape& shape);

  // What keys and values are kept as beside weights of a type: half of f32, for
  // what the weights have rounded already. Not of additive scores, of which the
  // bf16 kernel is scalar code.
  kernels::ElementType CacheType(kernels::ElementType weights) const {
    return weights == kernels::ElementType::kF32 ||
                   shape_.attention.score == Score::kAdditive
               ? kernels::ElementType::kF32
               : kernels::ElementType::kBf16;
  }

  DecoderState Open(const DecoderRoom& room, const PaddingRule& padding) const;

  // Computes the cross-attention keys and values of encoded sentences.
  void Admit(const EncoderStates& encoded, std::span<const std::int32_t> slots,
             DecoderState& state, kernels::ExecContext& context) const;

  // Starts a step: gives each row its place in the caches, and its tokens their
  // positions.
  void Begin(std::span<const StepRow> rows, DecoderState& state) const;

  // Runs all layers on the tokens' embeddings, in place: x f32 [T, D]. With
  // `maps`, of a single row, the weights of each layer are added to it.
  void Run(kernels::Rows<float> x, DecoderState& state,
           kernels::ExecContext& context, StepMaps* maps = nullptr) const;

 private:
  struct Layer {
    Layer(const MatrixSource& source, const StackShape& shape);

    SelfAttentionWeights self_attention;
    HeadOutput self_output;
    ResidualNorm self_norm;
    CrossAttentionWeights cross_attention;
    HeadOutput cross_output;
    ResidualNorm cross_norm;
    LayerEnd end;
  };

  void ReserveBiases(std::size_t positions, DecoderState& state) const;
  void JoinRows(std::span<const StepRow> rows, DecoderState& state) const;
  void WriteCache(std::size_t layer, std::size_t first, std::size_t end,
                  kernels::Rows<const float> qkv, DecoderState& state) const;
  void SelfAttend(std::size_t layer, kernels::Rows<float> x,
                  DecoderState& state, kernels::ExecContext& context,
                  StepMaps* maps) const;
  void CrossAttend(std::size_t layer, kernels::Rows<float> x,
                   DecoderState& state, kernels::ExecContext& context,
                   StepMaps* maps) const;

  StackShape shape_;
  RelativeBiases biases_;
  std::vector<Layer> layers_;
  std::optional<Norm> last_norm_;
};

}  // namespace tessera::models

#endif  // TESSERA_MODELS_LAYERS_DECODER_H_
