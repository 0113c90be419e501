// The peak loop of pairs of bf16 on AVX-512 BF16.
#include "kernels/peaks/peaks_loops.h"
#include "kernels/simd.h"

namespace tessera::kernels {

// 16 chains: latency 6 on 2 ports needs 12.
LoopResult DotLoopAvx512Bf16(std::size_t iterations) noexcept {
  constexpr std::size_t kChains = 16;
  __m512 sum[kChains];
  for (std::size_t u = 0; u < kChains; ++u) sum[u] = _mm512_setzero_ps();
  const __m512 pairs = _mm512_castsi512_ps(_mm512_set1_epi32(0x3f803f80));  // 1
  for (std::size_t i = 0; i < iterations; ++i) {
    for (std::size_t u = 0; u < kChains; ++u) {
      __asm__("vdpbf16ps %1, %1, %0" : "+v"(sum[u]) : "v"(pairs));
    }
  }
  for (std::size_t u = 1; u < kChains; ++u) sum[0] += sum[u];
  return {4.0 * kChains * kLanes<Avx512> * static_cast<double>(iterations),
          ReduceAdd(F32<Avx512>(sum[0]))};
}

}  // namespace tessera::kernels
