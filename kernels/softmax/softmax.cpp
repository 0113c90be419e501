// Implementations of SoftmaxRows, best first.
#include "kernels/softmax/softmax.h"

namespace tessera::kernels {

using Fn = decltype(SoftmaxRows);
Fn SoftmaxRowsScalar, SoftmaxRowsAvx2, SoftmaxRowsAvx512;  // softmax_<isa>.cpp

namespace {
constexpr Implementation<Fn> kKernels[] = {
    {Isa::kAvx512, "SoftmaxRows/avx512", SoftmaxRowsAvx512},
    {Isa::kAvx2, "SoftmaxRows/avx2", SoftmaxRowsAvx2},
    {Isa::kScalar, "SoftmaxRows/scalar", SoftmaxRowsScalar},
};
}  // namespace

std::span<const Implementation<Fn>> SoftmaxRowsKernels() { return kKernels; }

void SoftmaxRows(Rows<float> x, const std::int32_t* lengths) noexcept {
  static Fn* const best = Select(SoftmaxRowsKernels());
  best(x, lengths);
}

}  // namespace tessera::kernels
