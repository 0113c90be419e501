// SoftmaxRows for AVX2.
#include "kernels/softmax/softmax_impl.h"

namespace tessera::kernels {

void SoftmaxRowsAvx2(Rows<float> x, const std::int32_t* lengths) noexcept {
  SoftmaxRowsImpl<Avx2>(x, lengths);
}

}  // namespace tessera::kernels
