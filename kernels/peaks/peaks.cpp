// Times the peak loops.
#include "kernels/peaks/peaks.h"

#include <algorithm>
#include <chrono>
#include <map>

#include "kernels/aligned_buffer.h"
#include "kernels/peaks/peaks_loops.h"

namespace tessera::kernels {
namespace {

// Calls loop() for 8 ms; the best of the runs of at least 0.5 ms each, since a
// peak is what the machine does when nothing disturbs it.
template <class Loop>
double BestRate(Loop&& loop) {
  using Clock = std::chrono::steady_clock;
  using Seconds = std::chrono::duration<double>;
  [[maybe_unused]] static volatile float sink;
  const auto end = Clock::now() + std::chrono::milliseconds(8);
  double best = 0.0;
  while (Clock::now() < end) {
    const auto start = Clock::now();
    double work = 0.0;
    Seconds elapsed{0};
    while (elapsed < std::chrono::microseconds(500)) {
      const LoopResult result = loop();
      sink = result.value;
      work += result.work;
      elapsed = Clock::now() - start;
    }
    best = std::max(best, work / elapsed.count());
  }
  return best;
}

FmaLoop* FmaLoopOf(Isa isa) {
  if (isa >= Isa::kAvx512) return FmaLoopAvx512;
  return isa == Isa::kAvx2 ? FmaLoopAvx2 : FmaLoopScalar;
}
FmaLoop* DotLoopOf(Isa isa, std::size_t inner) {
  if (isa == Isa::kScalar) return FmaLoopScalar;
  if (isa == Isa::kAvx2) return inner == 4 ? DotLoopAvxVnni : DotLoopAvx2;
  return inner == 4 ? DotLoopAvx512Vnni : DotLoopAvx512;
}
ReadLoop* ReadLoopOf(Isa isa) {
  if (isa >= Isa::kAvx512) return ReadLoopAvx512;
  return isa == Isa::kAvx2 ? ReadLoopAvx2 : ReadLoopScalar;
}

// One buffer a size, kept: benchmarks ask again and again. Written, because
// pages that never were are all one page of zeros, which stays in L1 or L3: 118
// GB/s of a set of 33 MB on Zen 5, where memory has 69.
const AlignedBuffer<float>& BufferOf(std::size_t bytes) {
  static std::map<std::size_t, AlignedBuffer<float>> buffers;
  const auto [at, made] =
      buffers.try_emplace(bytes, bytes / sizeof(float), kUninitialised);
  if (made) std::fill_n(at->second.data(), at->second.size(), 1.0f);
  return at->second;
}

}  // namespace

double FmaPeak(Isa isa) {
  FmaLoop* const loop = FmaLoopOf(isa);
  return BestRate([loop] { return loop(20000); });
}

double DotPeak(Isa isa, std::size_t inner) {
  FmaLoop* const loop = DotLoopOf(isa, inner);
  return BestRate([loop] { return loop(20000); });
}

double ReadBandwidth(Isa isa, std::size_t bytes) {
  constexpr std::size_t kUnit = 512;  // what a turn of the widest loop reads
  const std::size_t rounded = (bytes / kUnit + 1) * kUnit;
  const AlignedBuffer<float>& buffer = BufferOf(rounded);
  ReadLoop* const loop = ReadLoopOf(isa);
  // Several passes over small sets, so that the clock is not what is timed.
  const std::size_t passes = (std::size_t{1} << 20) / rounded + 1;
  return BestRate([&] { return loop(buffer.data(), buffer.size(), passes); });
}

}  // namespace tessera::kernels
