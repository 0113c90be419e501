// The matrix product with packed weights, on views: y = act(x W^T + b).
#ifndef TESSERA_KERNELS_GEMM_PRODUCT_H_
#define TESSERA_KERNELS_GEMM_PRODUCT_H_

#include <cstddef>
#include <span>

#include "kernels/activation/activation.h"
#include "kernels/dispatch.h"
#include "kernels/views.h"

namespace tessera::kernels {

// Weights W [N outputs, K inputs] as a kernel reads them: outputs lie in panels
// of neighbouring columns, the inputs of a panel one after another. Element k
// of output n is
//
//   data[(n / panel_columns) * panel_stride + k * panel_columns +
//        n % panel_columns]
//
// Columns that fill up the last panel are zero.
struct PackedView {
  const float* data = nullptr;
  const float* bias = nullptr;  // f32 [N rounded up to panel_columns]
  std::size_t outputs = 0;      // N
  std::size_t inputs = 0;       // K
  std::size_t panel_columns = 0;
  std::size_t panel_stride = 0;

  // Outputs [first, first + count); first is a multiple of panel_columns.
  [[gnu::always_inline]] inline PackedView Outputs(std::size_t first,
                                                   std::size_t count) const {
    return {data + first / panel_columns * panel_stride,
            bias + first,
            count,
            inputs,
            panel_columns,
            panel_stride};
  }
};

// Columns of a panel at a level: 64 fill four registers of AVX-512, 16 two of
// AVX2, and leave the other registers to a tile of 6 rows.
std::size_t PanelColumns(Isa isa) noexcept;

// Largest error of a product, in units of 2^-24 (1 + sqrt(K)) (sum_k |x[m][k]
// W[n][k]| + |b[n]|); packed_matrix_test.cpp checks it. The sum of K rounding
// errors of mixed sign grows as their square root (Higham & Mary 2019).
inline constexpr float kProductMaxError = 1.5f;

//   y[m][n] = act(b[n] + sum_k x[m][k] W[n][k])
//
//   x  f32 [M, K], stride in elements.
//   w  f32 [N, K] packed in panels of PanelColumns() of the kernel's level.
//   y  f32 [M, N], stride in elements; may not alias x.
//
// Requires: x.rows == y.rows, x.cols == w.inputs, y.cols == w.outputs. Any M, N
//   and K, 0 too. No alignment.
// Edge: NaN and infinities spread to the outputs whose sum holds them.
// Error: |sum - exact| <= kProductMaxError units, then that of the activation.
//   One chain of additions over k for every output: the bits of a row don't
//   depend on M nor on the other rows, and those of a column not on N.
// Cost: 2 M N K flop; W is read once for every 64 Ki elements of x. One thread,
//   no allocation.
// Source: Goto & van de Geijn 2008 (panels); BLIS, Van Zee 2015 (tiles).
void PackedProduct(Rows<const float> x, const PackedView& w,
                   Activation activation, Rows<float> y) noexcept;

// All implementations in this build, best first, scalar last.
std::span<const Implementation<decltype(PackedProduct)>> PackedProductKernels();

// The implementation that multiplies by W [outputs, inputs] at a level; the
// table behind it, with the measurements, is in packed_matrix.cpp.
const Implementation<decltype(PackedProduct)>& ChooseProduct(
    Isa isa, std::size_t outputs, std::size_t inputs) noexcept;

}  // namespace tessera::kernels

#endif  // TESSERA_KERNELS_GEMM_PRODUCT_H_
