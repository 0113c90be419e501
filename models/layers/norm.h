// Normalisation with its weights, and its place in a sub-layer.
#ifndef TESSERA_MODELS_LAYERS_NORM_H_
#define TESSERA_MODELS_LAYERS_NORM_H_

#include <cstddef>
#include <vector>

#include "kernels/context.h"
#include "kernels/norm/norm.h"
#include "kernels/views.h"
#include "models/layers/stack_shape.h"
#include "models/weights/matrix_source.h"

namespace tessera::models {

class Norm {
 public:
  // scale and, but for kRms, offset, both [D].
  Norm(const MatrixSource& source, std::size_t width, const NormForm& form);
  Norm(std::vector<float> scale, std::vector<float> bias, const NormForm& form);

  // y = norm(x + added), f32 [rows, D]; y may be x. `added` without data:
  // nothing.
  void Apply(kernels::Rows<const float> x, kernels::Rows<const float> added,
             kernels::Rows<float> y, kernels::ExecContext& context) const;

 private:
  std::vector<float> scale_;  // f32 [D]
  std::vector<float> bias_;   // f32 [D]; empty: none
  NormForm form_;
};

// A sub-layer x = x + f(x) with its normalisation: behind the sum (post-norm),
// or in front of f (pre-norm).
class ResidualNorm {
 public:
  ResidualNorm(const MatrixSource& source, const StackShape& shape)
      : norm_(source, shape.width, shape.norm), first_(shape.norm.first) {}

  // What f reads: x, or norm(x), written to `buffer`; f32 [rows, D].
  kernels::Rows<const float> Input(kernels::Rows<const float> x,
                                   kernels::Rows<float> buffer,
                                   kernels::ExecContext& context) const;

  // x = norm(x + f), or x + f.
  void Finish(kernels::Rows<float> x, kernels::Rows<const float> f,
              kernels::ExecContext& context) const;

 private:
  Norm norm_;
  bool first_;
};

}  // namespace tessera::models

#endif  // TESSERA_MODELS_LAYERS_NORM_H_
