// Products with weights of 8 bits on AVX-512 without VNNI.
#include "kernels/gemm/product_s8_impl.h"

namespace tessera::kernels {

void PackedProductS8Avx512(const ProductArgs& args) noexcept {
  PackedProductS8Impl<PairsAvx512>(args);
}

}  // namespace tessera::kernels
