// f32 products on AVX2.
#include "kernels/gemm/product_f32_impl.h"

namespace tessera::kernels {

void PackedProductAvx2(const ProductArgs& args) noexcept {
  PackedProductImpl<Avx2>(args);
}

}  // namespace tessera::kernels
