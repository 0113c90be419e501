// Layer normalisation of rows, with the residual addition before it.
#ifndef TESSERA_KERNELS_NORM_NORM_H_
#define TESSERA_KERNELS_NORM_NORM_H_

#include <cstdint>
#include <span>

#include "kernels/dispatch.h"
#include "kernels/views.h"

namespace tessera::kernels {

// What centred values are divided by:
//   kPopulation  sqrt(sum_c (s[c] - mean)^2 / D + epsilon)
//   kUnbiased    sqrt(sum_c (s[c] - mean)^2 / (D - 1)) + epsilon
enum class Deviation : std::uint8_t { kPopulation, kUnbiased };

struct LayerNormWeights {
  const float* scale = nullptr;  // f32 [D]
  const float* bias = nullptr;   // f32 [D]; nullptr: no bias
  float epsilon = 1e-5f;         // > 0
  Deviation deviation = Deviation::kPopulation;
};

// Error of LayerNormRows in units of the row's condition, see below;
// layer_norm_test.cpp checks it per ISA.
inline constexpr float kLayerNormMaxError = 3e-7f;

// Normalises each row to mean 0 and variance 1, then scales it:
//
//   s = x[r] + residual[r]
//   y[r][c] = (s[c] - mean) / deviation * scale[c] + bias[c]
//   with mean = sum_c s[c] / D
//
//   x         f32 [rows, D], stride in elements.
//   residual  f32 [rows, D]; data == nullptr: zeros.
//   y         f32 [rows, D]; may be x or residual (same data and stride),
//             must not overlap them otherwise.
//
// Requires: D > 0, of kUnbiased D > 1; equal shapes. No alignment.
// Edge: a row with a NaN or an infinity becomes all NaN. A constant row gives
//   the bias, within the error below.
// Error: |y - exact| <= kLayerNormMaxError * ((1 + a / sigma) * |scale[c]| +
//   |bias[c]|) against float64, with a = max_c (|x[c]| + |residual[c]|) and
//   sigma the deviation: the mean of large numbers that differ little loses
//   what they have in common.
// Cost: 3 reads of x and residual, in L1 after the first, and 1 write per
//   element; a square root and a division per row. One thread, no allocation.
//   The order of accumulation depends on D alone, so a row has the same bits
//   anywhere.
// Source: Ba, Kiros & Hinton 2016, arXiv:1607.06450.
void LayerNormRows(Rows<const float> x, Rows<const float> residual,
                   const LayerNormWeights& weights, Rows<float> y) noexcept;

// All implementations in this build, best first, scalar last.
std::span<const Implementation<decltype(LayerNormRows)>> LayerNormRowsKernels();

}  // namespace tessera::kernels

#endif  // TESSERA_KERNELS_NORM_NORM_H_
