// The encoder: layers of self-attention and feed-forward.
#ifndef TESSERA_MODELS_LAYERS_ENCODER_H_
#define TESSERA_MODELS_LAYERS_ENCODER_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "kernels/attention/attention.h"
#include "kernels/context.h"
#include "kernels/views.h"
#include "models/batch.h"
#include "models/layers/attention.h"
#include "models/layers/layer_end.h"
#include "models/layers/norm.h"
#include "models/layers/relative_bias.h"
#include "models/layers/stack_shape.h"
#include "models/layers/visibility.h"
#include "models/weights/matrix_source.h"

namespace tessera::models {

// Sentences of states, one after another.
struct EncoderInput {
  kernels::Rows<float> x;                 // f32 [sum S, D]
  std::span<const std::int32_t> offsets;  // i32 [B + 1]: sentence b is in rows
                                          // [offsets[b], offsets[b + 1])
  const SourceVisibility& visibility;
};

class Encoder {
 public:
  // Its layers are layers.0 and on; with pre-norm there is a norm, too.
  Encoder(const MatrixSource& source, const StackShape& shape);

  // Runs all layers in place. With `maps`, of one sentence, the weights of each
  // layer are added to it.
  void Run(const EncoderInput& input, kernels::ExecContext& context,
           std::vector<AttentionMap>* maps = nullptr) const;

 private:
  struct Layer {
    Layer(const MatrixSource& source, const StackShape& shape);

    SelfAttentionWeights attention;
    HeadOutput attention_output;
    ResidualNorm attention_norm;
    LayerEnd end;
  };
  struct WorkSpace;

  void Attend(std::size_t layer, const EncoderInput& input, WorkSpace& work,
              const kernels::ScoreBias& bias, float* weights,
              kernels::ExecContext& context) const;

  StackShape shape_;
  RelativeBiases biases_;
  std::vector<Layer> layers_;
  std::optional<Norm> last_norm_;
};

}  // namespace tessera::models

#endif  // TESSERA_MODELS_LAYERS_ENCODER_H_
