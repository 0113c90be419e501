// The loops behind the peaks, once for all registers; included by ISA files
// only.
#ifndef TESSERA_KERNELS_PEAKS_PEAKS_IMPL_H_
#define TESSERA_KERNELS_PEAKS_PEAKS_IMPL_H_

#include "kernels/peaks/peaks_loops.h"
#include "kernels/simd.h"

namespace tessera::kernels {
namespace {

// 12 chains: latency 4 on 2 ports needs 8.
template <class Arch>
TESSERA_INLINE LoopResult FmaLoopImpl(std::size_t iterations) {
  constexpr std::size_t kChains = 12;
  F32<Arch> sum[kChains];
  for (std::size_t u = 0; u < kChains; ++u) sum[u] = Broadcast<Arch>(1.0f);
  const F32<Arch> factor = Broadcast<Arch>(0.999999f);
  const F32<Arch> step = Broadcast<Arch>(1e-6f);
  for (std::size_t i = 0; i < iterations; ++i) {
    for (std::size_t u = 0; u < kChains; ++u) {
      sum[u] = Fma(sum[u], factor, step);
    }
  }
  for (std::size_t u = 1; u < kChains; ++u) sum[0] = sum[0] + sum[u];
  return {2.0 * kChains * kLanes<Arch> * static_cast<double>(iterations),
          ReduceAdd(sum[0])};
}

// 8 registers a turn; max has the throughput of loads or more.
template <class Arch>
TESSERA_INLINE LoopResult ReadLoopImpl(const float* x, std::size_t n,
                                       std::size_t passes) {
  constexpr std::size_t kStep = kLanes<Arch>;
  F32<Arch> m[8];
  for (F32<Arch>& each : m) each = Zero<Arch>();
  for (std::size_t pass = 0; pass < passes; ++pass) {
    for (std::size_t i = 0; i + 8 * kStep <= n; i += 8 * kStep) {
      for (std::size_t u = 0; u < 8; ++u) {
        m[u] = Max<Arch>(Load<Arch>(x + i + u * kStep), m[u]);
      }
    }
    __asm__ volatile("" ::: "memory");  // each pass reads again
  }
  for (std::size_t u = 1; u < 8; ++u) m[0] = Max<Arch>(m[0], m[u]);
  return {static_cast<double>(passes * n * sizeof(float)), ReduceMax(m[0])};
}

}  // namespace
}  // namespace tessera::kernels

#endif  // TESSERA_KERNELS_PEAKS_PEAKS_IMPL_H_
