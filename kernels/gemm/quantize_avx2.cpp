// QuantizeRows on AVX2.
#include "kernels/gemm/quantize_impl.h"

namespace tessera::kernels {

void QuantizeRowsAvx2(Rows<const float> x, const QuantizedRows& q) noexcept {
  QuantizeRowsImpl<Avx2>(x, q);
}

}  // namespace tessera::kernels
