// Peak loops for AVX2.
#include "kernels/peaks/peaks_impl.h"

namespace tessera::kernels {

LoopResult FmaLoopAvx2(std::size_t iterations) noexcept {
  return FmaLoopImpl<Avx2>(iterations);
}
LoopResult ReadLoopAvx2(const float* x, std::size_t n,
                        std::size_t passes) noexcept {
  return ReadLoopImpl<Avx2>(x, n, passes);
}

}  // namespace tessera::kernels
