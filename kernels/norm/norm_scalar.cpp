// LayerNormRows in plain C++.
#include <cmath>

#include "kernels/norm/norm.h"

namespace tessera::kernels {
namespace {

double Divisor(double squares, std::size_t n, const LayerNormWeights& w) {
  const auto epsilon = static_cast<double>(w.epsilon);
  return w.deviation == Deviation::kUnbiased
             ? std::sqrt(squares / static_cast<double>(n - 1)) + epsilon
             : std::sqrt(squares / static_cast<double>(n) + epsilon);
}

// s and y may be the same row.
void NormalizeRow(const float* s, std::size_t n, const LayerNormWeights& w,
                  float* y) {
  double sum = 0.0;
  for (std::size_t c = 0; c < n; ++c) sum += static_cast<double>(s[c]);
  const double mean = sum / static_cast<double>(n);
  double squares = 0.0;
  for (std::size_t c = 0; c < n; ++c) {
    const double centred = static_cast<double>(s[c]) - mean;
    squares += centred * centred;
  }
  const double factor = 1.0 / Divisor(squares, n, w);
  for (std::size_t c = 0; c < n; ++c) {
    const auto normal =
        static_cast<float>((static_cast<double>(s[c]) - mean) * factor);
    y[c] = normal * w.scale[c] + (w.bias ? w.bias[c] : 0.0f);
  }
}

}  // namespace

void LayerNormRowsScalar(Rows<const float> x, Rows<const float> residual,
                         const LayerNormWeights& weights,
                         Rows<float> y) noexcept {
  for (std::size_t r = 0; r < x.rows; ++r) {
    for (std::size_t c = 0; c < x.cols; ++c) {
      y[r][c] = x[r][c] + (residual.data ? residual[r][c] : 0.0f);
    }
    NormalizeRow(y[r], x.cols, weights, y[r]);
  }
}

}  // namespace tessera::kernels
