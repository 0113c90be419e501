// Layer normalisation with its weights.
#ifndef TESSERA_MODELS_LAYERS_NORM_H_
#define TESSERA_MODELS_LAYERS_NORM_H_

#include <cstddef>
#include <string>
#include <vector>

#include "kernels/layer_norm/layer_norm.h"
#include "kernels/views.h"
#include "models/layers/weight_reader.h"

namespace tessera::models {

class LayerNorm {
 public:
  // NAME.weight and NAME.bias, both [D].
  LayerNorm(WeightReader& reader, const std::string& name, std::size_t width,
            float epsilon);

  // x = LayerNorm(x + added), f32 [rows, D]: the end of a post-norm sub-layer.
  void AddAndNormalise(kernels::Rows<float> x,
                       kernels::Rows<const float> added) const;

 private:
  std::vector<float> scale_;  // f32 [D]
  std::vector<float> bias_;   // f32 [D]
  float epsilon_;
};

}  // namespace tessera::models

#endif  // TESSERA_MODELS_LAYERS_NORM_H_
