// What follows the attention blocks of a layer.
#ifndef TESSERA_MODELS_LAYERS_LAYER_END_H_
#define TESSERA_MODELS_LAYERS_LAYER_END_H_

#include <cstddef>
#include <optional>

#include "kernels/context.h"
#include "kernels/views.h"
#include "models/layers/branches.h"
#include "models/layers/feed_forward.h"
#include "models/layers/norm.h"
#include "models/layers/stack_shape.h"
#include "models/weights/matrix_source.h"

namespace tessera::models {

// A feed-forward sub-layer; or at 667faad branches, which replace the states
// without a residual sum; or nothing, where branches are part of attention.
class LayerEnd {
 public:
  LayerEnd(const MatrixSource& layer, const StackShape& shape);

  std::size_t work_floats() const;

  // Runs in place: x f32 [rows, D]; `normed` and `out` are work space of the
  // same shape.
  void Apply(kernels::Rows<float> x, float* work, kernels::Rows<float> normed,
             kernels::Rows<float> out, kernels::ExecContext& context) const;

  std::size_t bytes() const;

 private:
  std::optional<FeedForward> feed_forward_;
  std::optional<ResidualNorm> norm_;  // of feed_forward_
  std::optional<NormalisedBranches> branches_;
};

}  // namespace tessera::models

#endif  // TESSERA_MODELS_LAYERS_LAYER_END_H_
