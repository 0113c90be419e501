// Products with bf16 weights on AVX-512 BF16.
#include "kernels/gemm/product_float_impl.h"

namespace tessera::kernels {

void PackedProductBf16Avx512Bf16(const ProductArgs& args) noexcept {
  PackedProductImpl<Bf16Pairs>(args);
}

}  // namespace tessera::kernels
