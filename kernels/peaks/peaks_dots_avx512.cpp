// The peak loop of small integers on AVX-512 without VNNI.
#include "kernels/peaks/peaks_dots_impl.h"

namespace tessera::kernels {

LoopResult DotLoopAvx512(std::size_t iterations) noexcept {
  return DotLoopImpl<PairsAvx512>(iterations);
}

}  // namespace tessera::kernels
