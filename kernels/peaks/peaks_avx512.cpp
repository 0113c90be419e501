// Peak loops for AVX-512.
#include "kernels/peaks/peaks_impl.h"

namespace tessera::kernels {

LoopResult FmaLoopAvx512(std::size_t iterations) noexcept {
  return FmaLoopImpl<Avx512>(iterations);
}
LoopResult ReadLoopAvx512(const float* x, std::size_t n,
                          std::size_t passes) noexcept {
  return ReadLoopImpl<Avx512>(x, n, passes);
}

}  // namespace tessera::kernels
