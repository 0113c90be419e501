// PackedProduct on AVX-512.
#include "kernels/gemm/product_f32_impl.h"

namespace tessera::kernels {

void PackedProductAvx512(Rows<const float> x, const PackedView& w,
                         Activation activation, Rows<float> y) noexcept {
  PackedProductImpl<Avx512>(x, w, activation, y);
}

}  // namespace tessera::kernels
