// f32 products on AVX2.
#include "kernels/gemm/product_float_impl.h"

namespace tessera::kernels {

void PackedProductAvx2(const ProductArgs& args) noexcept {
  PackedProductImpl<F32Words<Avx2>>(args);
}

}  // namespace tessera::kernels
