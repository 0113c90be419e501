// Softmax in float64.
#ifndef TESSERA_TESTS_REFERENCE_SOFTMAX_H_
#define TESSERA_TESTS_REFERENCE_SOFTMAX_H_

#include <algorithm>
#include <cmath>
#include <limits>
#include <span>
#include <vector>

namespace tessera::reference {

// Of one row; zeros if it is only -inf.
inline std::vector<double> Softmax(std::span<const float> x) {
  double max = -std::numeric_limits<double>::infinity();
  for (const float value : x) max = std::max(max, static_cast<double>(value));
  std::vector<double> y(x.size(), 0.0);
  if (std::isinf(max) && max < 0) return y;
  double sum = 0.0;
  for (std::size_t c = 0; c < x.size(); ++c) {
    y[c] = std::exp(static_cast<double>(x[c]) - max);
    sum += y[c];
  }
  for (double& value : y) value /= sum;
  return y;
}

}  // namespace tessera::reference

#endif  // TESSERA_TESTS_REFERENCE_SOFTMAX_H_
