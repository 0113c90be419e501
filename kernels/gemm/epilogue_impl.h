// Epilogues of packed products on registers; included by ISA files only.
#ifndef TESSERA_KERNELS_GEMM_EPILOGUE_IMPL_H_
#define TESSERA_KERNELS_GEMM_EPILOGUE_IMPL_H_

#include "kernels/activation/activation_impl.h"
#include "kernels/gemm/product.h"
#include "kernels/simd.h"

namespace tessera::kernels {
namespace {

// y := op(y, operand), element by element.
template <class Arch, class Op>
[[gnu::flatten]] void Combine(Rows<float> y, Rows<const float> operand, Op op) {
  for (std::size_t r = 0; r < y.rows; ++r) {
    float* const to = y[r];
    const float* const from = operand[r];
    MapLanes<Arch>(y.cols, [&](std::size_t i, auto lanes) {
      lanes.Store(to + i, op(lanes.Load(to + i), lanes.Load(from + i)));
    });
  }
}

// All that comes behind the bias, for a tile y of sums that is still in L1.
template <class Arch>
TESSERA_INLINE void Finish(const Epilogue& epilogue, Rows<float> y) {
  ActivateImpl<Arch>(epilogue.activation, y);
  if (epilogue.gate.data) {
    Combine<Arch>(y, epilogue.gate,
                  [](F32<Arch> a, F32<Arch> b) { return F32<Arch>(a * b); });
  }
  if (epilogue.residual.data) {
    Combine<Arch>(y, epilogue.residual,
                  [](F32<Arch> a, F32<Arch> b) { return F32<Arch>(a + b); });
  }
}

}  // namespace
}  // namespace tessera::kernels

#endif  // TESSERA_KERNELS_GEMM_EPILOGUE_IMPL_H_
