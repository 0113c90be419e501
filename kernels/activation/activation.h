// Activation functions of feed-forward layers, element by element.
#ifndef TESSERA_KERNELS_ACTIVATION_ACTIVATION_H_
#define TESSERA_KERNELS_ACTIVATION_ACTIVATION_H_

#include <cstdint>
#include <span>
#include <string_view>

#include "kernels/dispatch.h"
#include "kernels/views.h"

namespace tessera::kernels {

//   kIdentity   x
//   kRelu       max(x, 0)
//   kGeluErf    x * (1 + erf(x / sqrt(2))) / 2
//   kGeluTanh   x * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 x^3))) / 2
//   kSilu       x / (1 + exp(-x))
//   kTanh       tanh(x)
//   kGeluClipped  min(kGeluErf(x), 10)
//   kQuickGelu  x / (1 + exp(-1.702 x))
//   kMish       x * tanh(log(1 + exp(x)))
//   kSigmoid    1 / (1 + exp(-x))
//   kLaplace    (1 + erf((x - 0.707107) / (0.282095 sqrt(2)))) / 2
//   kLeakyRelu  max(x, 0.01 x)
//   kReluSquared  max(x, 0)^2
//   kRelu6      min(max(x, 0), 6)
// The two gelus differ by up to 5e-4: a checkpoint needs the one it was
// trained with.
enum class Activation : std::uint8_t {
  kIdentity,
  kRelu,
  kGeluErf,
  kGeluTanh,
  kSilu,
  kTanh,
  kGeluClipped,
  kQuickGelu,
  kMish,
  kSigmoid,
  kLaplace,
  kLeakyRelu,
  kReluSquared,
  kRelu6
};

inline constexpr Activation kAllActivations[] = {
    Activation::kIdentity,    Activation::kRelu,      Activation::kGeluErf,
    Activation::kGeluTanh,    Activation::kSilu,      Activation::kTanh,
    Activation::kGeluClipped, Activation::kQuickGelu, Activation::kMish,
    Activation::kSigmoid,     Activation::kLaplace,   Activation::kLeakyRelu,
    Activation::kReluSquared, Activation::kRelu6};

// "identity", "relu", "gelu_erf", "gelu_tanh", "silu", "tanh", "gelu_clipped",
// "quick_gelu", "mish", "sigmoid", "laplace", "leaky_relu", "relu_squared",
// "relu6".
std::string_view Name(Activation activation) noexcept;

// Largest errors against float64; activation_test.cpp checks them per ISA.
inline constexpr float kGeluMaxAbsError = 3e-7f;   // * max(1, |x|)
inline constexpr float kSiluMaxRelError = 5e-7f;   // mish's too
inline constexpr float kSiluMaxAbsError = 2e-36f;  // where exp(x) underflows
inline constexpr float kTanhMaxRelError = 5e-7f;   // tiny x keep their digits
inline constexpr float kSigmoidMaxAbsError = 2e-7f;
inline constexpr float kLaplaceMaxAbsError = 8e-7f;
inline constexpr float kOneRoundingError = 6e-8f;  // relative: 2^-24

// Replaces each x by f(x).
//
//   x  f32 [rows, cols], stride in elements.
//
// Requires: x.stride >= x.cols. No alignment.
// Edge: NaN gives NaN; infinities give the limits (-inf gives 0, or -1 for
//   tanh, or itself; +inf gives +inf, or 1, 6 or 10).
// Error: kIdentity, kRelu and kRelu6 are exact; |y - exact| <= kGeluMaxAbsError
//   * max(1, |x|) for all gelus, kSiluMaxRelError * |exact| + kSiluMaxAbsError
//   for silu and mish, kTanhMaxRelError * |exact| for tanh,
//   kSigmoidMaxAbsError, kLaplaceMaxAbsError, kOneRoundingError * |exact| for
//   the others, if neither x nor y is denormal.
// Cost: 1 read and 1 write per element; gelus, silu, mish, sigmoid and laplace
//   1 or 2 exp and divisions, tanh 1 division. One thread, no allocation.
// Source: Hendrycks & Gimpel 2016, arXiv:1606.08415 (gelu, silu, quick gelu);
//   Misra 2019, arXiv:1908.08681 (mish); So et al. 2021, arXiv:2109.08668
//   (squared relu); Ma et al. 2022, arXiv:2209.10655 (laplace).
void Activate(Activation activation, Rows<float> x) noexcept;

// All implementations in this build, best first, scalar last.
std::span<const Implementation<decltype(Activate)>> ActivateKernels();

}  // namespace tessera::kernels

#endif  // TESSERA_KERNELS_ACTIVATION_ACTIVATION_H_
