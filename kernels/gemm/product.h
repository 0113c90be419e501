// Matrix products with packed weights, on views: y = act(x W^T + b).
#ifndef TESSERA_KERNELS_GEMM_PRODUCT_H_
#define TESSERA_KERNELS_GEMM_PRODUCT_H_

#include <cstddef>
#include <span>

#include "kernels/activation/activation.h"
#include "kernels/dispatch.h"
#include "kernels/gemm/matrix_layout.h"
#include "kernels/gemm/quantize.h"
#include "kernels/views.h"

namespace tessera::kernels {

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
  TypedRows x;             // [M, K], of the type that the kernel reads
  MatrixLayout w;          // [N, K] in the kernel's panels
  Epilogue epilogue = {};  // act, b and what else is done to the sums
  Rows<float> y;           // f32 [M, N]
  const RowScale* x_scales = nullptr;  // [M] of an x of integers

  // Its part for outputs [first, first + count); first starts a panel.
  [[gnu::always_inline]] inline ProductArgs Columns(std::size_t first,
                                                    std::size_t count) const {
    return {x, w.Outputs(first, count), epilogue.Columns(first, count),
            y.Columns(first, count), x_scales};
  }
  // Its part for rows [first, first + count).
  [[gnu::always_inline]] inline ProductArgs Slice(std::size_t first,
                                                  std::size_t count) const {
    return {x.Slice(first, count), w, epilogue.Slice(first, count),
            y.Slice(first, count), x_scales ? x_scales + first : nullptr};
  }
};

//   y[m][n] = act(b[n] + sum_k x[m][k] W[n][k]), with the rest of the epilogue
//
// where elements of bf16 are exact, and x and W of integers stand for
// x_scales[m].scale * x[m][k] and w.scales[n] * W[n][k].
//
// Requires: x.rows == y.rows, x.cols == w.inputs, y.cols == w.outputs. Any M, N
//   and K, 0 too. Strides in elements, no alignment. y may not alias x. Rows of
//   an x of bf16 or integers are 0 behind K, up to a multiple of w.inner; its
//   stride is such a multiple.
// Edge: NaN and infinities spread to the outputs whose sum holds them; in
//   integers, to all of their row of x or W.
// Error: |sum - exact| <= kProductMaxError units, then that of the activation.
//   One chain of additions over k for every output: the bits of a row don't
//   depend on M nor on the other rows, and those of a column not on N. Sums of
//   integers are exact, and rounded to f32, scaled and biased alike on all
//   ISAs.
// Cost: 2 M N K flop; W is read once for every 64 Ki elements of x. One thread,
//   no allocation.
// Source: Goto & van de Geijn 2008 (panels); BLIS, Van Zee 2015 (tiles).
using ProductFn = void(const ProductArgs&) noexcept;
ProductFn PackedProductScalar, PackedProductAvx2, PackedProductAvx512;
ProductFn PackedProductBf16Scalar, PackedProductBf16Avx2,
    PackedProductBf16Avx512, PackedProductBf16Avx512Bf16;
ProductFn PackedProductS8Scalar, PackedProductS8Avx2, PackedProductS8AvxVnni,
    PackedProductS8Avx512, PackedProductS8Avx512Vnni;

// A way to multiply, and how it wants its operands.
struct ProductKernel : Implementation<ProductFn> {
  // Of MatrixLayout. 64 columns fill four registers of AVX-512, 16 two of AVX2,
  // and leave the other registers to a tile of 6 rows.
  std::size_t panel_columns;
  std::size_t inner = 1;
  std::size_t input_unit = 1;  // K is stored rounded up to these, with zeros
  ElementType w = ElementType::kF32;
  ElementType x = ElementType::kF32;
};

// All implementations for weights of a type in this build, best first, scalar
// last.
std::span<const ProductKernel> ProductKernels(ElementType type);

// The implementation that multiplies by W [outputs, inputs] at a level;
// product.cpp has the table behind it, with the measurements.
const ProductKernel& ChooseProduct(ElementType type, std::size_t outputs,
                                   std::size_t inputs, Isa level) noexcept;

// The implementation for few outputs in the layout of `product`: itself, but
// our own where that is oneDNN's, which would make a primitive for each number
// of them.
const ProductKernel& ForFewOutputs(const ProductKernel& product) noexcept;

}  // namespace tessera::kernels

#endif  // TESSERA_KERNELS_GEMM_PRODUCT_H_
