// What the encoder and the decoder read alike: their layers, and the norm
// behind these.
#ifndef TESSERA_MODELS_LAYERS_STACK_H_
#define TESSERA_MODELS_LAYERS_STACK_H_

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "models/layers/norm.h"
#include "models/layers/stack_shape.h"
#include "models/weights/matrix_source.h"

namespace tessera::models {

template <class Layer>
std::vector<Layer> ReadLayers(const MatrixSource& source,
                              const StackShape& shape) {
  std::vector<Layer> layers;
  layers.reserve(shape.layers);
  for (std::size_t i = 0; i < shape.layers; ++i) {
    layers.emplace_back(source.Within("layers." + std::to_string(i)), shape);
  }
  return layers;
}

// Of pre-norm; a stack whose norms come behind has none.
inline std::optional<Norm> ReadLastNorm(const MatrixSource& source,
                                        const StackShape& shape) {
  if (!shape.norm.first) return std::nullopt;
  NormForm last = shape.norm;
  last.factor = shape.last_factor;
  return std::optional<Norm>(std::in_place, source.Within("norm"), shape.width,
                             last);
}

}  // namespace tessera::models

#endif  // TESSERA_MODELS_LAYERS_STACK_H_
