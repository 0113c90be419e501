// SoftmaxRows in plain C++.
#include <algorithm>
#include <cmath>
#include <limits>

#include "kernels/softmax/softmax.h"

namespace tessera::kernels {
namespace {

void SoftmaxRow(float* x, std::size_t n) {
  constexpr float kNone = -std::numeric_limits<float>::infinity();
  float max = kNone;
  for (std::size_t c = 0; c < n; ++c) max = std::max(max, x[c]);
  if (max == kNone) max = 0.0f;  // -inf - -inf would be NaN
  double sum = 0.0;
  for (std::size_t c = 0; c < n; ++c) {
    x[c] = std::exp(x[c] - max);
    sum += static_cast<double>(x[c]);
  }
  const double inverse = sum == 0.0 ? 0.0 : 1.0 / sum;
  for (std::size_t c = 0; c < n; ++c) x[c] *= static_cast<float>(inverse);
}

}  // namespace

void SoftmaxRowsScalar(Rows<float> x, const std::int32_t* lengths) noexcept {
  for (std::size_t r = 0; r < x.rows; ++r) {
    const std::size_t n =
        lengths ? static_cast<std::size_t>(lengths[r]) : x.cols;
    SoftmaxRow(x[r], n);
    std::fill(x[r] + n, x[r] + x.cols, 0.0f);
  }
}

}  // namespace tessera::kernels
