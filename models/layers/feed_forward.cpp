// The position-wise feed-forward block.
#include "models/layers/feed_forward.h"

#include <algorithm>

#include "kernels/gemm/multiply.h"

namespace tessera::models {

using kernels::Dense;
using kernels::Rows;

FeedForward::FeedForward(const MatrixSource& source, const StackShape& shape)
    : in_(source.Matrix({{"in", shape.hidden_width}}, shape.width)),
      out_(source.Matrix({{"out", shape.width}}, shape.hidden_width)),
      activation_(shape.activation) {
  if (!shape.gated) return;
  gate_.emplace(source.Matrix({{"gate", shape.hidden_width}}, shape.width));
}

void FeedForward::Apply(Rows<const float> x, float* work, Rows<float> y,
                        kernels::ExecContext& context) const {
  for (std::size_t first = 0; first < x.rows; first += kRowsAtOnce) {
    const std::size_t rows = std::min(kRowsAtOnce, x.rows - first);
    const Rows<float> h = Dense(work, rows, in_.outputs());
    kernels::Epilogue end = {.activation = activation_};
    if (gate_) {
      Multiply(x.Slice(first, rows), *gate_, {}, h, context);
      end.gate = h;
    }
    Multiply(x.Slice(first, rows), in_, end, h, context);
    Multiply(h, out_, {}, y.Slice(first, rows), context);
  }
}

}  // namespace tessera::models
