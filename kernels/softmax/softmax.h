// Softmax over the rows of an attention score matrix. Not used by models yet:
// attention has its own, fused.
#ifndef TESSERA_KERNELS_SOFTMAX_SOFTMAX_H_
#define TESSERA_KERNELS_SOFTMAX_SOFTMAX_H_

#include <cstdint>
#include <span>

#include "kernels/dispatch.h"
#include "kernels/views.h"

namespace tessera::kernels {

// Largest errors of SoftmaxRows; softmax_test.cpp checks them per ISA. Rounding
// x - m alone is worth half an ulp of 87: 3.8e-6.
inline constexpr float kSoftmaxMaxRelError = 6e-6f;
inline constexpr float kSoftmaxMaxAbsError = 1.2e-38f;  // exp underflows to 0

// Replaces each row of scores by its softmax, treating padding as absent:
//
//   y[r][c] = exp(x[r][c] - m) / sum_{j<n} exp(x[r][j] - m)      if c < n
//   y[r][c] = 0                                                  otherwise
//   with n = lengths[r], m = max_{j<n} x[r][j]
//
//   x        f32 [rows, cols], stride in elements; overwritten with y. An entry
//            of -inf is a masked key and yields exactly 0.
//   lengths  i32 [rows], 0 <= lengths[r] <= cols; nullptr: all rows are full.
//
// Requires: x.stride >= x.cols > 0. No alignment. x[r][c >= n] is not read.
// Edge: n == 0 or a row of only -inf gives zeros, not NaN: that query attends
//   to nothing. NaN or +inf anywhere in a row makes the whole row NaN.
// Error: |y - exact| <= kSoftmaxMaxRelError * exact + kSoftmaxMaxAbsError
//   against float64.
// Cost: 3 reads, 2 writes and 1 exp per element; a row of up to 8k scores stays
//   in L1 between the passes. One thread, no allocation.
void SoftmaxRows(Rows<float> x, const std::int32_t* lengths) noexcept;

// All implementations in this build, best first, scalar last.
std::span<const Implementation<decltype(SoftmaxRows)>> SoftmaxRowsKernels();

}  // namespace tessera::kernels

#endif  // TESSERA_KERNELS_SOFTMAX_SOFTMAX_H_
