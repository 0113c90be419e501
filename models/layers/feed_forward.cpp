// The position-wise feed-forward block.
#include "models/layers/feed_forward.h"

#include <algorithm>

#include "kernels/gemm/multiply.h"
#include "models/layers/linear.h"

namespace tessera::models {

using kernels::Dense;
using kernels::Rows;

FeedForward::FeedForward(WeightReader& reader, const std::string& prefix,
                         const StackShape& shape)
    : fc1_(LoadLinear(reader, prefix + ".fc1",
                      {.outputs = shape.hidden_width,
                       .inputs = shape.width,
                       .columns = shape.columns})),
      fc2_(LoadLinear(reader, prefix + ".fc2",
                      {.outputs = shape.width,
                       .inputs = shape.hidden_width,
                       .columns = shape.columns})),
      activation_(shape.activation) {}

void FeedForward::Apply(Rows<const float> x, float* work, Rows<float> y,
                        kernels::ExecContext& context) const {
  for (std::size_t first = 0; first < x.rows; first += kRowsAtOnce) {
    const std::size_t rows = std::min(kRowsAtOnce, x.rows - first);
    const Rows<float> h = Dense(work, rows, fc1_.outputs());
    Multiply(x.Slice(first, rows), fc1_, {.activation = activation_}, h,
             context);
    Multiply(h, fc2_, {}, y.Slice(first, rows), context);
  }
}

}  // namespace tessera::models
