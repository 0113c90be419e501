// Activation functions in float64.
#ifndef TESSERA_TESTS_REFERENCE_ACTIVATION_H_
#define TESSERA_TESTS_REFERENCE_ACTIVATION_H_

#include <algorithm>
#include <cmath>

#include "kernels/activation/activation.h"

namespace tessera::reference {

inline double Activate(kernels::Activation activation, double x) {
  using kernels::Activation;
  constexpr double kPi = 3.14159265358979323846;
  switch (activation) {
    case Activation::kIdentity:
      return x;
    case Activation::kRelu:
      return x > 0 ? x : 0 * x;  // NaN stays
    case Activation::kGeluErf:
      return x * std::erfc(-x / std::sqrt(2.0)) / 2;
    case Activation::kGeluTanh:
      return x / (1 + std::exp(-2 * std::sqrt(2 / kPi) *
                               (x + 0.044715 * x * x * x)));
    case Activation::kSilu:
      return x / (1 + std::exp(-x));
    case Activation::kTanh:
      return std::tanh(x);
    case Activation::kGeluClipped:
      return std::min(x * std::erfc(-x / std::sqrt(2.0)) / 2, 10.0);
    case Activation::kQuickGelu:
      return x / (1 + std::exp(-1.702 * x));
    case Activation::kMish:
      return x * std::tanh(x > 40 ? x : std::log1p(std::exp(x)));
    case Activation::kSigmoid:
      return 1 / (1 + std::exp(-x));
    case Activation::kLaplace:
      return std::erfc((0.707107 - x) / (0.282095 * std::sqrt(2.0))) / 2;
    case Activation::kLeakyRelu:
      return x > 0 ? x : static_cast<double>(0.01f) * x;
    case Activation::kReluSquared:
      return x > 0 ? x * x : 0 * x;
    case Activation::kRelu6:
      return x > 0 ? std::min(x, 6.0) : 0 * x;
  }
  return std::nan("");
}

}  // namespace tessera::reference

#endif  // TESSERA_TESTS_REFERENCE_ACTIVATION_H_
