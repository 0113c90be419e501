// Attention at real shapes, as a share of what the machine can do.
//
//   AttentionPrefill/<isa>/<f32|bf16>/<full|causal>/B:1/H:8/T:512/d:64
//     keys and values already in cache layout; T:1-64: lengths from 1 to 64;
//     /threads:2 at the end: that many threads
//   AttentionPrefillRows/...   from plain rows, packing counted
//   AttentionDecode/<isa>/<f32|bf16>/R:1/H:8/n:512/d:64
//     R query rows of one sequence against n cached positions
//   AttentionAdditive/<isa>/f32/B:1/H:8/T:128/h:64
//     from plain rows
//
// The level is the best that the CPU has and TESSERA_ISA allows, amx for bf16
// prefill only; levels that the CPU lacks show as errors. Counters:
//
//   gflops_exact          causal counts needed work only
//   percent_of_peak       of the f32 FMA peak of that level and number of
//                         threads; for amx that of avx512
//   gbytes_per_s          keys and values, read once
//   percent_of_bandwidth  of reads of a working set of that size
//   percent_of_scaling    threads: best speed over that of one thread, relative
//                         to the same of the FMA peak
//   ns_per_element        additive: a query, key and hidden element
//
// Rates with one thread are by its CPU time, else by the clock on the wall.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "bench/kernels/attention_problem.h"
#include "bench/kernels/attention_scaling.h"
#include "bench/kernels/kernel_bench.h"
#include "kernels/peaks/peaks.h"

namespace tessera::kernels {
namespace {

// Peaks, taken before and after a case; the larger count.
struct Peaks {
  double fma = 0, bandwidth = 0;

  void Take(Isa isa, const AttentionCase& c, AttentionProblem& problem) {
    const auto bytes = static_cast<std::size_t>(problem.Bytes());
    fma =
        std::max(fma, c.threads == 1 ? FmaPeak(isa) : FmaPeak(isa, c.threads));
    bandwidth = std::max(bandwidth, ReadBandwidth(isa, bytes));
  }
};

// The benchmark library calls a case several times over: its data stays.
AttentionProblem& ProblemOf(const AttentionCase& c) {
  static std::string name;
  static std::unique_ptr<AttentionProblem> problem;
  if (name != c.name) {
    problem = std::make_unique<AttentionProblem>(c);
    name = c.name;
  }
  return *problem;
}

void MeasureAttention(benchmark::State& state, Isa isa,
                      const AttentionCase& c) {
  AttentionProblem& problem = ProblemOf(c);
  Peaks best;
  best.Take(isa, c, problem);
  ExecContext context(c.threads);
  problem.Run(context);
  const auto now = c.threads == 1 ? ThreadSeconds : WallSeconds;
  const double start = now();
  for ([[maybe_unused]] auto _ : state) {
    problem.Run(context);
    benchmark::ClobberMemory();
  }
  const double runs = static_cast<double>(state.iterations()) / (now() - start);
  best.Take(isa, c, problem);
  if (c.threads > 1 && best.fma < FmaPeak(isa)) {
    state.SkipWithError("other work keeps the threads from running together");
    return;
  }

  const double flops = problem.Flops(), bytes = problem.Bytes();
  state.counters["gbytes_per_s"] = runs * bytes / 1e9;
  state.counters["percent_of_bandwidth"] = 100 * runs * bytes / best.bandwidth;
  if (c.additive) {
    const double elements = problem.Pairs() * static_cast<double>(c.width);
    state.counters["ns_per_element"] = 1e9 / (runs * elements);
    return;
  }
  state.counters["gflops_exact"] = runs * flops / 1e9;
  state.counters["percent_of_peak"] = 100 * runs * flops / best.fma;
  if (c.threads == 1) return;
  state.counters["percent_of_scaling"] =
      PercentOfScaling(isa, c.threads, problem);
}

std::string Number(const char* name, std::size_t value) {
  return std::string("/") + name + ":" + std::to_string(value);
}

void Register(Isa isa, const AttentionCase& c) {
  benchmark::RegisterBenchmark(
      c.name.c_str(), [isa, c](benchmark::State& state) {
        if (isa > DetectedIsa()) {
          state.SkipWithError("this CPU lacks the instruction set");
          return;
        }
        MeasureAttention(state, isa, c);
      });
}

// Equal lengths, or 1 to 64 spread over the batch where `length` is 0.
std::vector<std::size_t> Lengths(std::size_t batch, std::size_t length) {
  std::vector<std::size_t> lengths(batch, length);
  if (length > 0) return lengths;
  for (std::size_t b = 0; b < batch; ++b) lengths[b] = 1 + 63 * b / (batch - 1);
  return lengths;
}

// The level that runs: attention has one implementation for all of AVX-512, and
// one for AMX.
Isa RunningLevel(bool bf16_prefill) {
  const Isa active = ActiveIsa();
  if (bf16_prefill && active == Isa::kAmx) return active;
  return std::min(active, Isa::kAvx512);
}

// Whether a level has rows: if it runs, and as errors if the CPU lacks it.
bool Shows(Isa isa, bool bf16_prefill) {
  if (isa == Isa::kAmx && !bf16_prefill) return false;
  return isa == RunningLevel(bf16_prefill) || isa > DetectedIsa();
}

struct PrefillSize {
  std::size_t batch, length, width, threads = 1;
};

constexpr const char* TypeName(bool bf16) { return bf16 ? "/bf16" : "/f32"; }

void RegisterPrefill(Isa isa, const std::string& level, bool from_rows,
                     bool causal, bool bf16, const PrefillSize& size) {
  const std::vector<std::size_t> lengths = Lengths(size.batch, size.length);
  std::string name = from_rows ? "AttentionPrefillRows/" : "AttentionPrefill/";
  name += level + TypeName(bf16) + (causal ? "/causal" : "/full");
  name += Number("B", size.batch) + Number("H", 8);
  name += size.length > 0 ? Number("T", size.length) : "/T:1-64";
  name += Number("d", size.width);
  if (size.threads > 1) name += Number("threads", size.threads);
  Register(isa, {.name = name,
                 .queries = lengths,
                 .keys = lengths,
                 .width = size.width,
                 .causal = causal,
                 .from_rows = from_rows,
                 .bf16 = bf16,
                 .threads = size.threads});
}

void RegisterPrefills(Isa isa, const std::string& level) {
  std::vector<PrefillSize> sizes;
  for (const std::size_t width : {32u, 64u, 128u}) {
    for (const std::size_t length : {0u, 16u, 32u, 64u}) {
      sizes.push_back({32, length, width});
    }
    for (const std::size_t length : {128u, 256u, 512u, 1024u, 2048u}) {
      sizes.push_back({1, length, width});
    }
  }
  for (const std::size_t length : {128u, 512u, 2048u}) {
    sizes.push_back({1, length, 64, 2});
  }
  for (const bool from_rows : {false, true}) {
    for (const bool causal : {false, true}) {
      for (const PrefillSize& size : sizes) {
        for (const bool bf16 : {false, true}) {
          if (!Shows(isa, bf16)) continue;
          RegisterPrefill(isa, level, from_rows, causal, bf16, size);
        }
      }
    }
  }
}

void RegisterDecodes(Isa isa, const std::string& level) {
  for (const std::size_t rows : {1u, 4u, 5u}) {
    for (const std::size_t heads : {1u, 8u}) {
      for (const std::size_t n : {16u, 64u, 128u, 512u, 2048u}) {
        for (const bool bf16 : {false, true}) {
          Register(isa, {.name = "AttentionDecode/" + level + TypeName(bf16) +
                                 Number("R", rows) + Number("H", heads) +
                                 Number("n", n) + Number("d", 64),
                         .queries = {rows},
                         .keys = {n},
                         .heads = heads,
                         .bf16 = bf16});
        }
      }
    }
  }
}

void RegisterAdditive(Isa isa, const std::string& level) {
  for (const std::size_t length : {16u, 128u}) {
    Register(isa, {.name = "AttentionAdditive/" + level + "/f32/B:1/H:8" +
                           Number("T", length) + Number("h", 64),
                   .queries = {length},
                   .keys = {length},
                   .from_rows = true,
                   .additive = true});
  }
}

void RegisterLevel(Isa isa) {
  const std::string level(Name(isa));
  RegisterPrefills(isa, level);
  if (!Shows(isa, false)) return;
  RegisterDecodes(isa, level);
  RegisterAdditive(isa, level);
}

}  // namespace
}  // namespace tessera::kernels

int main(int argc, char** argv) {
  using namespace tessera::kernels;
  CheckIsaRequest();
  for (const Isa isa : {Isa::kScalar, Isa::kAvx2, Isa::kAvx512, Isa::kAmx}) {
    RegisterLevel(isa);
  }
  return RunBenchmarks(argc, argv);
}
