// The end of an attention block: from the outputs of its heads to states.
#ifndef TESSERA_MODELS_LAYERS_HEAD_OUTPUT_H_
#define TESSERA_MODELS_LAYERS_HEAD_OUTPUT_H_

#include <cstddef>
#include <string_view>
#include <variant>

#include "kernels/context.h"
#include "kernels/gemm/packed_matrix.h"
#include "kernels/views.h"
#include "models/layers/branches.h"
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

  std::size_t bytes() const;

 private:
  std::variant<std::monostate, kernels::PackedMatrix, WeightedBranches,
               NormalisedBranches>
      form_;
};

}  // namespace tessera::models

#endif  // TESSERA_MODELS_LAYERS_HEAD_OUTPUT_H_
