// LayerNormRows for AVX-512.
#include "kernels/norm/norm_impl.h"

namespace tessera::kernels {

void LayerNormRowsAvx512(Rows<const float> x, Rows<const float> residual,
                         const LayerNormWeights& weights,
                         Rows<float> y) noexcept {
  LayerNormRowsImpl<Avx512>(x, residual, weights, y);
}

}  // namespace tessera::kernels
