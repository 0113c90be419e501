// The encoder: post-norm layers of self-attention and feed-forward.
#ifndef TESSERA_MODELS_LAYERS_ENCODER_H_
#define TESSERA_MODELS_LAYERS_ENCODER_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "kernels/activation/activation.h"
#include "kernels/attention/attention.h"
#include "kernels/parallel.h"
#include "kernels/views.h"
#include "models/layers/attention.h"
#include "models/layers/feed_forward.h"
#include "models/layers/norm.h"
#include "models/layers/weight_reader.h"

namespace tessera::models {

// Sizes of a stack of layers.
struct StackShape {
  std::size_t layers = 0;
  std::size_t width = 0;         // D
  std::size_t heads = 0;         // H, divides D
  std::size_t hidden_width = 0;  // F
  kernels::Activation activation = kernels::Activation::kRelu;
  float norm_epsilon = 1e-5f;
};

class Encoder {
 public:
  // Layers PREFIX.layers.0 and on.
  Encoder(WeightReader& reader, const std::string& prefix,
          const StackShape& shape);

  // Runs all layers in place: x f32 [sum S, D], sentence b in rows
  // [offsets[b], offsets[b + 1]).
  void Run(kernels::Rows<float> x, std::span<const std::int32_t> offsets,
           kernels::ExecContext& context) const;

  std::size_t bytes() const;

 private:
  struct Layer {
    Layer(WeightReader& reader, const std::string& prefix,
          const StackShape& shape);

    SelfAttentionWeights self_attention;
    LayerNorm self_attention_norm;
    FeedForward feed_forward;
    LayerNorm feed_forward_norm;
  };

  StackShape shape_;
  kernels::AttentionShape attention_;
  std::vector<Layer> layers_;
};

}  // namespace tessera::models

#endif  // TESSERA_MODELS_LAYERS_ENCODER_H_
