// Activation functions in float64.
#ifndef TESSERA_TESTS_REFERENCE_ACTIVATION_H_
#define TESSERA_TESTS_REFERENCE_ACTIVATION_H_

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
  }
  return std::nan("");
}

}  // namespace tessera::reference

#endif  // TESSERA_TESTS_REFERENCE_ACTIVATION_H_
