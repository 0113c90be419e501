// The end of a sub-layer: its residual sum, and the normalisation of rows.
#ifndef TESSERA_KERNELS_NORM_NORM_H_
#define TESSERA_KERNELS_NORM_NORM_H_

#include <cstddef>
#include <cstdint>
#include <span>

#include "kernels/dispatch.h"
#include "kernels/views.h"

namespace tessera::kernels {

class ExecContext;  // kernels/context.h, which ISA files must not include

// What a row s becomes before it is scaled:
//   kLayer     (s - mean) / sqrt(sum_c (s[c] - mean)^2 / D + epsilon)
//   kUnbiased  (s - mean) / (sqrt(sum_c (s[c] - mean)^2 / (D - 1)) + epsilon)
//   kRms       s / sqrt(sum_c s[c]^2 / D + epsilon)
// with mean = sum_c s[c] / D. What they divide by is the row's deviation.
enum class NormKind : std::uint8_t { kLayer, kUnbiased, kRms };

struct NormWeights {
  const float* scale = nullptr;  // f32 [D]
  const float* bias = nullptr;   // f32 [D]; nullptr: no bias
  float epsilon = 1e-5f;         // > 0
  NormKind kind = NormKind::kLayer;
};

// Error of NormRows in units of the row's condition, see below; norm_test.cpp
// checks it per ISA.
inline constexpr float kNormMaxError = 3e-7f;

struct NormArgs {
  Rows<const float> x;           // f32 [rows, D], stride in elements
  Rows<const float> added = {};  // f32 [rows, D]; data == nullptr: zeros
  NormWeights weights;
  Rows<float> y;  // f32 [rows, D]
};

// Normalises each row of a sum, then scales it:
//
//   y[r][c] = norm(x[r] + added[r])[c] * scale[c] + bias[c]
//
// Requires: D > 0, of kUnbiased D > 1; equal shapes. No alignment. y may be x
//   or added (same data and stride), and must not overlap them otherwise.
// Edge: a row with a NaN becomes all NaN, one with an infinity too; of kRms an
//   infinity becomes NaN and the rest of its row 0. A constant row gives the
//   bias, within the error below (not of kRms).
// Error: |y - exact| <= kNormMaxError * ((1 + a / sigma) * |scale[c]| +
//   |bias[c]|) against float64, with a = max_c (|x[c]| + |added[c]|) and sigma
//   the deviation: the mean of large numbers that differ little loses what they
//   have in common.
// Cost: 3 reads of x and added (of kRms 2), in L1 after the first, and 1 write
//   per element; a square root and a division per row. No allocation. The order
//   of accumulation depends on D alone, so a row has the same bits anywhere, on
//   any number of threads.
// Source: Ba, Kiros & Hinton 2016, arXiv:1607.06450; Zhang & Sennrich 2019,
//   arXiv:1910.07467 (kRms).
void NormRows(const NormArgs& args, ExecContext& context) noexcept;

struct AddArgs {
  Rows<const float> x;  // f32 [rows, cols], stride in elements
  float factor = 1.0f;
  Rows<const float> added = {};  // f32 [rows, cols]; data == nullptr: zeros
  Rows<float> y;                 // f32 [rows, cols]
};

//   y[r][c] = added[r][c] + factor * x[r][c]
//
// Requires: equal shapes. No alignment. y may be x or added.
// Error: none: the product and the sum are each rounded, on all ISAs.
// Cost: 2 reads and 1 write per element. No allocation.
void AddRows(const AddArgs& args, ExecContext& context) noexcept;

// All implementations in this build, best first, scalar last; one thread each.
using NormRowsFn = void(const NormArgs&) noexcept;
using AddRowsFn = void(const AddArgs&) noexcept;
std::span<const Implementation<NormRowsFn>> NormRowsKernels();
std::span<const Implementation<AddRowsFn>> AddRowsKernels();

}  // namespace tessera::kernels

#endif  // TESSERA_KERNELS_NORM_NORM_H_
