// What becomes of the sums of a product before they are stored.
#ifndef TESSERA_KERNELS_GEMM_EPILOGUE_H_
#define TESSERA_KERNELS_GEMM_EPILOGUE_H_

#include <cstddef>

#include "kernels/activation/activation.h"
#include "kernels/views.h"

namespace tessera::kernels {

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

  // Whether y holds operands, so that no sum may be put there.
  [[gnu::always_inline]] inline bool Reads(const float* y) const {
    return y != nullptr && (gate.data == y || residual.data == y);
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

}  // namespace tessera::kernels

#endif  // TESSERA_KERNELS_GEMM_EPILOGUE_H_
