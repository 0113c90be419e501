// PackedProduct on AVX2.
#include "kernels/gemm/product_f32_impl.h"

namespace tessera::kernels {

void PackedProductAvx2(Rows<const float> x, const PackedView& w,
                       Activation activation, Rows<float> y) noexcept {
  PackedProductImpl<Avx2>(x, w, activation, y);
}

}  // namespace tessera::kernels
