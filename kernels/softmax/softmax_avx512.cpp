// SoftmaxRows for AVX-512.
#include "kernels/softmax/softmax_impl.h"

namespace tessera::kernels {

void SoftmaxRowsAvx512(Rows<float> x, const std::int32_t* lengths) noexcept {
  SoftmaxRowsImpl<Avx512>(x, lengths);
}

}  // namespace tessera::kernels
