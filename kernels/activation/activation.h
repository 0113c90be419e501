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
// The two gelus differ by up to 5e-4: a checkpoint needs the one it was
// trained with.
enum class Activation : std::uint8_t {
  kIdentity,
  kRelu,
  kGeluErf,
  kGeluTanh,
  kSilu,
  kTanh
};

inline constexpr Activation kAllActivations[] = {
    Activation::kIdentity, Activation::kRelu, Activation::kGeluErf,
    Activation::kGeluTanh, Activation::kSilu, Activation::kTanh};

// "identity", "relu", "gelu_erf", "gelu_tanh", "silu", "tanh".
std::string_view Name(Activation activation) noexcept;

// Largest errors against float64; activation_test.cpp checks them per ISA.
inline constexpr float kGeluMaxAbsError = 3e-7f;  // * max(1, |x|)
inline constexpr float kSiluMaxRelError = 5e-7f;
inline constexpr float kSiluMaxAbsError = 2e-36f;  // where exp(x) underflows
inline constexpr float kTanhMaxRelError = 5e-7f;   // tiny x keep their digits

// Replaces each x by f(x).
//
//   x  f32 [rows, cols], stride in elements.
//
// Requires: x.stride >= x.cols. No alignment.
// Edge: NaN gives NaN; infinities give the limits (-inf gives 0, or -1 for
//   tanh; +inf gives +inf, or 1 for tanh).
// Error: kIdentity and kRelu are exact; |y - exact| <= kGeluMaxAbsError *
//   max(1, |x|) for both gelus, kSiluMaxRelError * |exact| + kSiluMaxAbsError
//   for silu, kTanhMaxRelError * |exact| for tanh, if x is not denormal.
// Cost: 1 read and 1 write per element; gelu and silu 1 exp and 1 division,
// tanh
//   1 division. One thread, no allocation.
// Source: Hendrycks & Gimpel 2016, arXiv:1606.08415 (gelu).
void Activate(Activation activation, Rows<float> x) noexcept;

// All implementations in this build, best first, scalar last.
std::span<const Implementation<decltype(Activate)>> ActivateKernels();

}  // namespace tessera::kernels

#endif  // TESSERA_KERNELS_ACTIVATION_ACTIVATION_H_
