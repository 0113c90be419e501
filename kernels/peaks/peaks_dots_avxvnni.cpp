// The peak loop of small integers on AVX-VNNI.
#include "kernels/peaks/peaks_dots_impl.h"

namespace tessera::kernels {

LoopResult DotLoopAvxVnni(std::size_t iterations) noexcept {
  return DotLoopImpl<BytesAvxVnni>(iterations);
}

}  // namespace tessera::kernels
