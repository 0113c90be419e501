// Products with weights of 8 bits on AVX-VNNI.
#include "kernels/gemm/product_s8_impl.h"

namespace tessera::kernels {

void PackedProductS8AvxVnni(const ProductArgs& args) noexcept {
  PackedProductS8Impl<BytesAvxVnni>(args);
}

}  // namespace tessera::kernels
