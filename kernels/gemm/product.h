// Matrix products with packed weights, on views: y = act(x W^T + b).
#ifndef TESSERA_KERNELS_GEMM_PRODUCT_H_
#define TESSERA_KERNELS_GEMM_PRODUCT_H_

#include <cstddef>
#include <span>

#include "kernels/activation/activation.h"
#include "kernels/dispatch.h"
#include "kernels/gemm/matrix_layout.h"
#include "kernels/views.h"

namespace tessera::kernels {

// Columns of a panel at a level: 64 fill four registers of AVX-512, 16 two of
// AVX2, and leave the other registers to a tile of 6 rows.
std::size_t PanelColumns(Isa level) noexcept;

// Largest error of a product, in units of 2^-24 (1 + sqrt(K)) (sum_k |x[m][k]
// W[n][k]| + |b[n]|); packed_matrix_test.cpp checks it. The sum of K rounding
// errors of mixed sign grows as their square root (Higham & Mary 2019).
inline constexpr float kProductMaxError = 1.5f;

// What becomes of the sums of a product before they are stored:
//
//   y[m][n] = act(sum[m][n] + bias[n]) * gate[m][n] + residual[m][n]
//
// each operation rounded on its own. gate and residual may be y itself (same
// data and stride), and must not overlap it otherwise: a gated feed-forward
// layer has one product write b, and the other act(a) * b over it.
struct Epilogue {
  // f32 [N rounded up to panels]; nullptr: none. Multiply() puts that of the
  // matrix here.
  const float* bias = nullptr;
  Activation activation = Activation::kIdentity;
  Rows<const float> gate = {};      // f32 [M, N]; no data: none
  Rows<const float> residual = {};  // f32 [M, N]; no data: none

  [[gnu::always_inline]] inline bool HasOperands() const {
    return gate.data != nullptr || residual.data != nullptr;
  }

  // Its part for rows [first, first + count), or for columns.
  [[gnu::always_inline]] inline Epilogue Slice(std::size_t first,
                                               std::size_t count) const {
    Epilogue part = *this;
    if (gate.data) part.gate = gate.Slice(first, count);
    if (residual.data) part.residual = residual.Slice(first, count);
    return part;
  }
  [[gnu::always_inline]] inline Epilogue Columns(std::size_t first,
                                                 std::size_t count) const {
    Epilogue part = *this;
    if (bias) part.bias += first;
    if (gate.data) part.gate = gate.Columns(first, count);
    if (residual.data) part.residual = residual.Columns(first, count);
    return part;
  }
};

struct ProductArgs {
  Rows<const float> x;     // f32 [M, K]
  MatrixLayout w;          // [N, K] in panels of PanelColumns()
  Epilogue epilogue = {};  // act, b and what else is done to the sums
  Rows<float> y;           // f32 [M, N]

  // Its part for outputs [first, first + count); first starts a panel.
  [[gnu::always_inline]] inline ProductArgs Columns(std::size_t first,
                                                    std::size_t count) const {
    return {x, w.Outputs(first, count), epilogue.Columns(first, count),
            y.Columns(first, count)};
  }
  // Its part for rows [first, first + count).
  [[gnu::always_inline]] inline ProductArgs Slice(std::size_t first,
                                                  std::size_t count) const {
    return {x.Slice(first, count), w, epilogue.Slice(first, count),
            y.Slice(first, count)};
  }
};

//   y[m][n] = act(b[n] + sum_k x[m][k] W[n][k]), with the rest of the epilogue
//
// Requires: x.rows == y.rows, x.cols == w.inputs, y.cols == w.outputs. Any M, N
//   and K, 0 too. Strides in elements, no alignment. y may not alias x.
// Edge: NaN and infinities spread to the outputs whose sum holds them.
// Error: |sum - exact| <= kProductMaxError units, then that of the activation.
//   One chain of additions over k for every output: the bits of a row don't
//   depend on M nor on the other rows, and those of a column not on N.
// Cost: 2 M N K flop; W is read once for every 64 Ki elements of x. One thread,
//   no allocation.
// Source: Goto & van de Geijn 2008 (panels); BLIS, Van Zee 2015 (tiles).
using ProductFn = void(const ProductArgs&) noexcept;
ProductFn PackedProductScalar, PackedProductAvx2, PackedProductAvx512;

// All implementations for weights of a type in this build, best first, scalar
// last.
std::span<const Implementation<ProductFn>> ProductKernels(ElementType type);

// The implementation that multiplies by W at a level; product.cpp has the table
// behind it, with the measurements.
const Implementation<ProductFn>& ChooseProduct(const MatrixLayout& w,
                                               Isa level) noexcept;

}  // namespace tessera::kernels

#endif  // TESSERA_KERNELS_GEMM_PRODUCT_H_
