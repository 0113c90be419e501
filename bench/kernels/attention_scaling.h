// What several threads make of attention, beside what they make of the FMA
// peak.
#ifndef TESSERA_BENCH_KERNELS_ATTENTION_SCALING_H_
#define TESSERA_BENCH_KERNELS_ATTENTION_SCALING_H_

#include <algorithm>

#include "bench/kernels/attention_problem.h"
#include "bench/kernels/fma_scaling.h"

namespace tessera::kernels {

// Runs a second, by the best of them.
inline double BestRuns(AttentionProblem& problem, std::size_t threads) {
  ExecContext context(threads);
  problem.Run(context);
  double best = 0;
  for (const double end = WallSeconds() + kPatience; WallSeconds() < end;) {
    const double start = WallSeconds();
    problem.Run(context);
    best = std::max(best, 1 / (WallSeconds() - start));
  }
  return best;
}

// Speed with threads over that of one, relative to the same of the FMA peak.
// All four are the best of many turns: other work takes a core away now and
// then.
inline double PercentOfScaling(Isa isa, std::size_t threads,
                               AttentionProblem& problem) {
  const double peak = FmaPeak(isa, threads) / FmaPeak(isa, 1);
  return 100 / peak * BestRuns(problem, threads) / BestRuns(problem, 1);
}

}  // namespace tessera::kernels

#endif  // TESSERA_BENCH_KERNELS_ATTENTION_SCALING_H_
