// Products with bf16 weights on AVX-512.
#include "kernels/gemm/product_float_impl.h"

namespace tessera::kernels {

void PackedProductBf16Avx512(const ProductArgs& args) noexcept {
  PackedProductImpl<Bf16Words<Avx512>>(args);
}

}  // namespace tessera::kernels
