// What several threads make of the FMA peak.
#ifndef TESSERA_BENCH_KERNELS_FMA_SCALING_H_
#define TESSERA_BENCH_KERNELS_FMA_SCALING_H_

#include <benchmark/benchmark.h>

#include <algorithm>
#include <chrono>

#include "kernels/peaks/peaks.h"
#include "kernels/peaks/peaks_loops.h"

namespace tessera::kernels {

inline double WallSeconds() {
  using Clock = std::chrono::steady_clock;
  return std::chrono::duration<double>(Clock::now().time_since_epoch()).count();
}

// Seconds to wait for a turn that nothing disturbs.
inline constexpr double kPatience = 0.2;

// What threads reach together: the best of turns that all of them begin and end
// at the same time.
inline double FmaPeak(Isa isa, std::size_t threads) {
  FmaLoop* const loop = isa >= Isa::kAvx512 ? FmaLoopAvx512
                        : isa == Isa::kAvx2 ? FmaLoopAvx2
                                            : FmaLoopScalar;
  double best = 0;
  for (const double end = WallSeconds() + kPatience; WallSeconds() < end;) {
    double work = 0, seconds = 0;
#pragma omp parallel num_threads(static_cast <int>(threads)) \
    reduction(+ : work) reduction(max : seconds)
    {
#pragma omp barrier
      const double start = WallSeconds();
      for (int i = 0; i < 20; ++i) {
        const LoopResult result = loop(2000);
        benchmark::DoNotOptimize(result.value);
        work += result.work;
      }
#pragma omp barrier
      seconds = WallSeconds() - start;
    }
    best = std::max(best, work / seconds);
  }
  return best;
}

}  // namespace tessera::kernels

#endif  // TESSERA_BENCH_KERNELS_FMA_SCALING_H_
