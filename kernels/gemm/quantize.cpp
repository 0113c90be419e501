// Implementations of QuantizeRows, best first.
#include "kernels/gemm/quantize.h"

namespace tessera::kernels {

using Fn = QuantizeRowsFn;
Fn QuantizeRowsScalar, QuantizeRowsAvx2, QuantizeRowsAvx512;

namespace {
constexpr Implementation<Fn> kKernels[] = {
    {Isa::kAvx512, "QuantizeRows/avx512", QuantizeRowsAvx512},
    {Isa::kAvx2, "QuantizeRows/avx2", QuantizeRowsAvx2},
    {Isa::kScalar, "QuantizeRows/scalar", QuantizeRowsScalar},
};
}  // namespace

std::span<const Implementation<Fn>> QuantizeRowsKernels() { return kKernels; }

void QuantizeRows(Rows<const float> x, const QuantizedRows& q) noexcept {
  static Fn* const best = Select(QuantizeRowsKernels());
  best(x, q);
}

}  // namespace tessera::kernels
