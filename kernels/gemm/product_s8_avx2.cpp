// Products with weights of 8 bits on AVX2.
#include "kernels/gemm/product_s8_impl.h"

namespace tessera::kernels {

void PackedProductS8Avx2(const ProductArgs& args) noexcept {
  PackedProductS8Impl<PairsAvx2>(args);
}

}  // namespace tessera::kernels
