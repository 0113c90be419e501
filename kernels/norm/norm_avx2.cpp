// LayerNormRows for AVX2.
#include "kernels/norm/norm_impl.h"

namespace tessera::kernels {

void LayerNormRowsAvx2(Rows<const float> x, Rows<const float> residual,
                       const LayerNormWeights& weights,
                       Rows<float> y) noexcept {
  LayerNormRowsImpl<Avx2>(x, residual, weights, y);
}

}  // namespace tessera::kernels
