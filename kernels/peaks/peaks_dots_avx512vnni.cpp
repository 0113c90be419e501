// The peak loop of small integers on AVX-512 VNNI.
#include "kernels/peaks/peaks_dots_impl.h"

namespace tessera::kernels {

LoopResult DotLoopAvx512Vnni(std::size_t iterations) noexcept {
  return DotLoopImpl<BytesAvx512Vnni>(iterations);
}

}  // namespace tessera::kernels
