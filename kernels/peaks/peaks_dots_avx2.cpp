// The peak loop of small integers on AVX2.
#include "kernels/peaks/peaks_dots_impl.h"

namespace tessera::kernels {

LoopResult DotLoopAvx2(std::size_t iterations) noexcept {
  return DotLoopImpl<PairsAvx2>(iterations);
}

}  // namespace tessera::kernels
