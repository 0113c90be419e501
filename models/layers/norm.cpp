// Layer normalisation with its weights.
#include "models/layers/norm.h"

namespace tessera::models {

LayerNorm::LayerNorm(WeightReader& reader, const std::string& name,
                     std::size_t width, float epsilon)
    : scale_(reader.Read(name + ".weight", {width})),
      bias_(reader.Read(name + ".bias", {width})),
      epsilon_(epsilon) {}

void LayerNorm::AddAndNormalise(kernels::Rows<float> x,
                                kernels::Rows<const float> added) const {
  kernels::LayerNormRows(
      x, added,
      {.scale = scale_.data(), .bias = bias_.data(), .epsilon = epsilon_}, x);
}

}  // namespace tessera::models
