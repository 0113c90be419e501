// The position-wise feed-forward block.
#include "models/layers/feed_forward.h"

#include <algorithm>

#include "models/layers/linear.h"

namespace tessera::models {

using kernels::Dense;
using kernels::Rows;

FeedForward::FeedForward(WeightReader& reader, const std::string& prefix,
                         std::size_t width, std::size_t hidden_width,
                         kernels::Activation activation)
    : fc1_(LoadLinear(reader, {prefix + ".fc1"}, hidden_width, width)),
      fc2_(LoadLinear(reader, {prefix + ".fc2"}, width, hidden_width)),
      activation_(activation) {}

void FeedForward::Apply(Rows<const float> x,
                        kernels::AlignedBuffer<float>& hidden, Rows<float> y,
                        kernels::ExecContext& context) const {
  for (std::size_t first = 0; first < x.rows; first += kRowsAtOnce) {
    const std::size_t rows = std::min(kRowsAtOnce, x.rows - first);
    const Rows<float> h = Dense(hidden.data(), rows, fc1_.outputs());
    Multiply(x.Slice(first, rows), fc1_, activation_, h, context);
    Multiply(h, fc2_, kernels::Activation::kIdentity, y.Slice(first, rows),
             context);
  }
}

}  // namespace tessera::models
