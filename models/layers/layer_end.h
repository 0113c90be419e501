// What follows attention in a layer: the output of the heads, then a
// feed-forward block, or branches in place of either.
#ifndef TESSERA_MODELS_LAYERS_LAYER_END_H_
#define TESSERA_MODELS_LAYERS_LAYER_END_H_

#include <cstddef>
#include <optional>
#include <string_view>
#include <variant>

#include "kernels/context.h"
#include "kernels/gemm/packed_matrix.h"
#include "kernels/views.h"
#include "models/layers/branches.h"
#include "models/layers/feed_forward.h"
#include "models/layers/norm.h"
#include "models/layers/stack_shape.h"
#include "models/weights/matrix_source.h"

namespace tessera::models {

// W^O, or branches where heads have their own feed-forward blocks, or nothing.
class HeadOutput {
 public:
  // Of the layer's attention block of that name, which has `branches`.
  HeadOutput(const MatrixSource& layer, std::string_view attention,
             const StackShape& shape, Branches branches);

  std::size_t work_floats() const;

  // What is added to the block's input: `out` f32 [rows, D] of heads f32
  // [rows, H C], or `heads` itself.
  kernels::Rows<const float> Apply(kernels::Rows<const float> heads,
                                   float* work, kernels::Rows<float> out,
                                   kernels::ExecContext& context) const;

 private:
  std::variant<std::monostate, kernels::PackedMatrix, WeightedBranches,
               NormalisedBranches>
      form_;
};

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

 private:
  std::optional<FeedForward> feed_forward_;
  std::optional<ResidualNorm> norm_;  // of feed_forward_
  std::optional<NormalisedBranches> branches_;
};

}  // namespace tessera::models

#endif  // TESSERA_MODELS_LAYERS_LAYER_END_H_
