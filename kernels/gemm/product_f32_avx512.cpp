// f32 products on AVX-512.
#include "kernels/gemm/product_f32_impl.h"

namespace tessera::kernels {

void PackedProductAvx512(const ProductArgs& args) noexcept {
  PackedProductImpl<Avx512>(args);
}

void FinishProductAvx512(const Epilogue& epilogue, Rows<float> y) noexcept {
  Finish<Avx512>(epilogue, y);
}

}  // namespace tessera::kernels
