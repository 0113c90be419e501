// Products with weights of 8 bits on AVX-512 VNNI.
#include "kernels/gemm/product_s8_impl.h"

namespace tessera::kernels {

void PackedProductS8Avx512Vnni(const ProductArgs& args) noexcept {
  PackedProductS8Impl<BytesAvx512Vnni>(args);
}

}  // namespace tessera::kernels
