// Products with bf16 weights on AVX2.
#include "kernels/gemm/product_float_impl.h"

namespace tessera::kernels {

void PackedProductBf16Avx2(const ProductArgs& args) noexcept {
  PackedProductImpl<Bf16Words<Avx2>>(args);
}

}  // namespace tessera::kernels
