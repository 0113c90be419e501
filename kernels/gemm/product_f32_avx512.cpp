// f32 products on AVX-512.
#include "kernels/gemm/product_float_impl.h"

namespace tessera::kernels {

void PackedProductAvx512(const ProductArgs& args) noexcept {
  PackedProductImpl<F32Words<Avx512>>(args);
}

}  // namespace tessera::kernels
