// Implementations of LayerNormRows, best first.
#include "kernels/norm/norm.h"

namespace tessera::kernels {

using Fn = decltype(LayerNormRows);
Fn LayerNormRowsScalar, LayerNormRowsAvx2,
    LayerNormRowsAvx512;  // layer_norm_<isa>.cpp

namespace {
constexpr Implementation<Fn> kKernels[] = {
    {Isa::kAvx512, "LayerNormRows/avx512", LayerNormRowsAvx512},
    {Isa::kAvx2, "LayerNormRows/avx2", LayerNormRowsAvx2},
    {Isa::kScalar, "LayerNormRows/scalar", LayerNormRowsScalar},
};
}  // namespace

std::span<const Implementation<Fn>> LayerNormRowsKernels() { return kKernels; }

void LayerNormRows(Rows<const float> x, Rows<const float> residual,
                   const LayerNormWeights& weights, Rows<float> y) noexcept {
  static Fn* const best = Select(LayerNormRowsKernels());
  best(x, residual, weights, y);
}

}  // namespace tessera::kernels
