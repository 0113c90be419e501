// Layer normalisation with its weights.
#include "models/layers/norm.h"

#include <utility>

namespace tessera::models {

using kernels::Rows;

LayerNorm::LayerNorm(const MatrixSource& source, std::size_t width,
                     const NormForm& form)
    : LayerNorm(source.Vector("scale", width), source.Vector("offset", width),
                form) {}

LayerNorm::LayerNorm(std::vector<float> scale, std::vector<float> bias,
                     const NormForm& form)
    : scale_(std::move(scale)), bias_(std::move(bias)), form_(form) {}

void LayerNorm::Apply(Rows<const float> x, Rows<const float> added,
                      Rows<float> y) const {
  kernels::LayerNormRows(x, added,
                         {.scale = scale_.data(),
                          .bias = bias_.data(),
                          .epsilon = form_.epsilon,
                          .deviation = form_.deviation},
                         y);
}

Rows<const float> ResidualNorm::Input(Rows<const float> x,
                                      Rows<float> buffer) const {
  if (!first_) return x;
  norm_.Apply(x, {}, buffer);
  return buffer;
}

void ResidualNorm::Finish(Rows<float> x, Rows<const float> f) const {
  if (!first_) return norm_.Apply(x, f, x);
  for (std::size_t r = 0; r < x.rows; ++r) {
    for (std::size_t c = 0; c < x.cols; ++c) x[r][c] += f[r][c];
  }
}

}  // namespace tessera::models
