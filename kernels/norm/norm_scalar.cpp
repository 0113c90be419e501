// NormRows and AddRows in plain C++.
#include <cmath>

#include "kernels/norm/norm.h"

namespace tessera::kernels {
namespace {

double Divisor(double squares, std::size_t n, const NormWeights& w) {
  const auto epsilon = static_cast<double>(w.epsilon);
  return w.kind == NormKind::kUnbiased
             ? std::sqrt(squares / static_cast<double>(n - 1)) + epsilon
             : std::sqrt(squares / static_cast<double>(n) + epsilon);
}

// s and y may be the same row.
void NormaliseRow(const float* s, std::size_t n, const NormWeights& w,
                  float* y) {
  double sum = 0.0;
  for (std::size_t c = 0; c < n; ++c) sum += static_cast<double>(s[c]);
  const double mean =
      w.kind == NormKind::kRms ? 0.0 : sum / static_cast<double>(n);
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

void NormRowsScalar(const NormArgs& args) noexcept {
  const auto& [x, added, weights, y] = args;
  for (std::size_t r = 0; r < x.rows; ++r) {
    for (std::size_t c = 0; c < x.cols; ++c) {
      y[r][c] = x[r][c] + (added.data ? added[r][c] : 0.0f);
    }
    NormaliseRow(y[r], x.cols, weights, y[r]);
  }
}

void AddRowsScalar(const AddArgs& args) noexcept {
  const auto& [x, factor, added, y] = args;
  for (std::size_t r = 0; r < x.rows; ++r) {
    for (std::size_t c = 0; c < x.cols; ++c) {
      const float product = factor * x[r][c];
      y[r][c] = added.data ? added[r][c] + product : product;
    }
  }
}

}  // namespace tessera::kernels
