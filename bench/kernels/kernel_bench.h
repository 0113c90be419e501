// What benchmarks of kernels share: a case per implementation, and rates beside
// the peak of the same process.
#ifndef TESSERA_BENCH_KERNELS_KERNEL_BENCH_H_
#define TESSERA_BENCH_KERNELS_KERNEL_BENCH_H_

#include <benchmark/benchmark.h>
#include <time.h>

#include <algorithm>
#include <functional>
#include <initializer_list>
#include <span>
#include <string>
#include <vector>

#include "kernels/denormals.h"
#include "kernels/dispatch.h"
#include "kernels/peaks/peaks.h"

namespace tessera::kernels {

// Registers body(state, kernel) as "<kernel name>/<shape>" for each kernel of a
// list; those that the CPU lacks report an error in their place. A Row is an
// Implementation, or one that knows more.
template <class Row, class Body>
void RegisterKernels(std::span<const Row> kernels, const std::string& shape,
                     Body body) {
  for (const Row& kernel : kernels) {
    benchmark::RegisterBenchmark(
        (std::string(kernel.name) + "/" + shape + "/threads:1").c_str(),
        [kernel, body](benchmark::State& state) {
          if (kernel.isa > DetectedIsa() || !kernel.RunsOn(kernel.isa)) {
            state.SkipWithError("this CPU lacks the instruction set");
            return;
          }
          body(state, kernel);
        });
  }
}

// Work of one iteration that a peak bounds: flops or bytes.
struct Bound {
  std::function<double(Isa isa, std::size_t bytes)> peak;
  const char* rate;
  const char* percent;
  double work;
  std::size_t working_set = 0;  // bytes
};

inline Bound Flops(double flops) {
  return {[](Isa isa, std::size_t) { return FmaPeak(isa); }, "flop/s",
          "%_of_fma_peak", flops};
}
// Operations of integers, as in DotPeak.
inline Bound Dots(double operations, std::size_t inner) {
  return {[inner](Isa isa, std::size_t) { return DotPeak(isa, inner); }, "op/s",
          "%_of_int8_peak", operations};
}
// Each byte that is touched counts once, read or written, against the
// bandwidth of reads over a working set.
inline Bound Bytes(double touched, std::size_t working_set) {
  return {ReadBandwidth, "bytes/s", "%_of_bandwidth", touched, working_set};
}

// CPU time of this thread: other work on the machine does not count.
inline double ThreadSeconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) +
         1e-9 * static_cast<double>(now.tv_nsec);
}

// Times run() against its bounds. The peaks are measured right before and right
// after, and the larger counts.
template <class Run>
void Measure(benchmark::State& state, Isa isa, std::span<const Bound> bounds,
             Run&& run) {
  std::vector<double> peaks;
  for (const Bound& bound : bounds) {
    peaks.push_back(bound.peak(isa, bound.working_set));
  }
  double seconds = 0.0;
  {
    const FlushDenormals flush;  // as in ParallelFor
    run();  // outputs get their pages: 2/3 of a first run that writes 16 MB
    const double start = ThreadSeconds();
    for ([[maybe_unused]] auto _ : state) {
      run();
      benchmark::ClobberMemory();
    }
    seconds = ThreadSeconds() - start;
  }
  for (std::size_t i = 0; i < bounds.size(); ++i) {
    const Bound& bound = bounds[i];
    const double peak = std::max(peaks[i], bound.peak(isa, bound.working_set));
    const double rate =
        bound.work * static_cast<double>(state.iterations()) / seconds;
    state.counters[bound.rate] = benchmark::Counter(
        rate, benchmark::Counter::kDefaults, benchmark::Counter::kIs1000);
    state.counters[bound.percent] = 100.0 * rate / peak;
  }
}
template <class Run>
void Measure(benchmark::State& state, Isa isa,
             std::initializer_list<Bound> bounds, Run&& run) {
  Measure(state, isa, std::span<const Bound>(bounds.begin(), bounds.size()),
          run);
}

// The rest of main(), after cases are registered.
inline int RunBenchmarks(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
  return 0;
}

}  // namespace tessera::kernels

#endif  // TESSERA_BENCH_KERNELS_KERNEL_BENCH_H_
