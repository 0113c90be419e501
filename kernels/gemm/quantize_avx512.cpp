// QuantizeRows on AVX-512.
#include "kernels/gemm/quantize_impl.h"

namespace tessera::kernels {

void QuantizeRowsAvx512(Rows<const float> x, const QuantizedRows& q) noexcept {
  QuantizeRowsImpl<Avx512>(x, q);
}

}  // namespace tessera::kernels
