// Peak loops for baseline x86-64: SSE2, a multiplication and an addition.
#include <xmmintrin.h>

#include "kernels/peaks/peaks_loops.h"

namespace tessera::kernels {

LoopResult FmaLoopScalar(std::size_t iterations) noexcept {
  constexpr std::size_t kChains = 12;
  __m128 sum[kChains];
  for (std::size_t u = 0; u < kChains; ++u) {
    sum[u] = _mm_set1_ps(1.0f + static_cast<float>(u));  // or they are merged
  }
  const __m128 factor = _mm_set1_ps(0.999999f);
  const __m128 step = _mm_set1_ps(1e-6f);
  for (std::size_t i = 0; i < iterations; ++i) {
    for (std::size_t u = 0; u < kChains; ++u) {
      sum[u] = _mm_add_ps(_mm_mul_ps(sum[u], factor), step);
    }
  }
  for (std::size_t u = 1; u < kChains; ++u) sum[0] = _mm_add_ps(sum[0], sum[u]);
  return {8.0 * kChains * static_cast<double>(iterations),
          _mm_cvtss_f32(sum[0])};
}

LoopResult ReadLoopScalar(const float* x, std::size_t n,
                          std::size_t passes) noexcept {
  __m128 m[8];
  for (__m128& each : m) each = _mm_setzero_ps();
  for (std::size_t pass = 0; pass < passes; ++pass) {
    for (std::size_t i = 0; i + 32 <= n; i += 32) {
      for (std::size_t u = 0; u < 8; ++u) {
        m[u] = _mm_max_ps(_mm_loadu_ps(x + i + u * 4), m[u]);
      }
    }
    __asm__ volatile("" ::: "memory");  // each pass reads again
  }
  for (std::size_t u = 1; u < 8; ++u) m[0] = _mm_max_ps(m[0], m[u]);
  return {static_cast<double>(passes * n * sizeof(float)), _mm_cvtss_f32(m[0])};
}

}  // namespace tessera::kernels
