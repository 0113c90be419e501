// f32 products on AVX-512.
#include "kernels/gemm/product_f32_impl.h"

namespace tessera::kernels {

void PackedProductAvx512(const ProductArgs& args) noexcept {
  PackedProductImpl<Avx512>(args);
}

}  // namespace tessera::kernels
