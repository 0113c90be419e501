// Two ways to do the same work, timed in turn.
#ifndef TESSERA_BENCH_MODELS_IN_TURN_H_
#define TESSERA_BENCH_MODELS_IN_TURN_H_

#include <benchmark/benchmark.h>

#include <algorithm>
#include <string>
#include <vector>

#include "bench/kernels/kernel_bench.h"

namespace tessera::models {

struct Contender {
  const char* name;
  double seconds(const auto& run) {
    const double start = kernels::ThreadSeconds();
    run();
    times.push_back(kernels::ThreadSeconds() - start);
    return times.back();
  }
  double median() {
    std::nth_element(times.begin(), times.begin() + Middle(), times.end());
    return times[static_cast<std::size_t>(Middle())];
  }
  std::ptrdiff_t Middle() const {
    return static_cast<std::ptrdiff_t>(times.size() / 2);
  }
  std::vector<double> times = {};
};

// Runs a and b once an iteration, a first in every other one. Counters, of
// medians of CPU time: NAME_ms of either and `ratio`, how many times as fast
// the second is as the first.
template <class A, class B>
void InTurn(benchmark::State& state, const char* first, A&& a,
            const char* second, B&& b) {
  a();
  b();
  Contender one = {first}, two = {second};
  bool swap = false;
  for ([[maybe_unused]] auto _ : state) {
    if (swap) two.seconds(b);
    one.seconds(a);
    if (!swap) two.seconds(b);
    swap = !swap;
  }
  state.counters[std::string(first) + "_ms"] = 1e3 * one.median();
  state.counters[std::string(second) + "_ms"] = 1e3 * two.median();
  state.counters["ratio"] = one.median() / two.median();
}

}  // namespace tessera::models

#endif  // TESSERA_BENCH_MODELS_IN_TURN_H_
