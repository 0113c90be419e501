// The position-wise feed-forward block: out(act(in(x))), or gated,
// out(act(in(x)) * gate(x)) (Shazeer 2020, arXiv:2002.05202).
#ifndef TESSERA_MODELS_LAYERS_FEED_FORWARD_H_
#define TESSERA_MODELS_LAYERS_FEED_FORWARD_H_

#include <cstddef>
#include <optional>

#include "kernels/activation/activation.h"
#include "kernels/context.h"
#include "kernels/gemm/packed_matrix.h"
#include "kernels/views.h"
#include "models/layers/stack_shape.h"
#include "models/weights/matrix_source.h"

namespace tessera::models {

class FeedForward {
 public:
  // Rows whose hidden values exist at once: 128 rows of F = 2,048 are 1 MiB and
  // stay in the second-level cache between the two products.
  static constexpr std::size_t kRowsAtOnce = 128;

  FeedForward(const MatrixSource& source, const StackShape& shape);

  // f32 of `work` that Apply needs.
  std::size_t work_floats() const { return kRowsAtOnce * in_.outputs(); }

  // x and y f32 [rows, D].
  void Apply(kernels::Rows<const float> x, float* work, kernels::Rows<float> y,
             kernels::ExecContext& context) const;

 private:
  kernels::PackedMatrix in_;                   // [F, D]
  std::optional<kernels::PackedMatrix> gate_;  // [F, D]
  kernels::PackedMatrix out_;                  // [D, F]
  kernels::Activation activation_;
};

}  // namespace tessera::models

#endif  // TESSERA_MODELS_LAYERS_FEED_FORWARD_H_
