// Normalisation with its weights.
#include "models/layers/norm.h"

#include <utility>

namespace tessera::models {

using kernels::ExecContext;
using kernels::Rows;

Norm::Norm(const MatrixSource& source, std::size_t width, const NormForm& form)
    : Norm(source.Vector("scale", width),
           form.kind == kernels::NormKind::kRms
               ? std::vector<float>()
               : source.Vector("offset", width),
           form) {}

Norm::Norm(std::vector<float> scale, std::vector<float> bias,
           const NormForm& form)
    : scale_(std::move(scale)), bias_(std::move(bias)), form_(form) {
  for (float& value : scale_) value *= form.factor;
  for (float& value : bias_) value *= form.factor;
}

void Norm::Apply(Rows<const float> x, Rows<const float> added, Rows<float> y,
                 ExecContext& context) const {
  NormRows({.x = x,
            .added = added,
            .weights = {.scale = scale_.data(),
                        .bias = bias_.empty() ? nullptr : bias_.data(),
                        .epsilon = form_.epsilon,
                        .kind = form_.kind},
            .y = y},
           context);
}

Rows<const float> ResidualNorm::Input(Rows<const float> x, Rows<float> buffer,
                                      ExecContext& context) const {
  if (!first_) return x;
  norm_.Apply(x, {}, buffer, context);
  return buffer;
}

void ResidualNorm::Finish(Rows<float> x, Rows<const float> f,
                          ExecContext& context) const {
  if (!first_) return norm_.Apply(x, f, x, context);
  AddRows({.x = f, .added = x, .y = x}, context);
}

}  // namespace tessera::models
