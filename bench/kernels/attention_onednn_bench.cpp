// Attention as oneDNN's unfused sequence, on one thread, checked against
// Tessera's before it is timed.
//
//   OneDnnUnfused/<isa>/<f32|bf16>/<full|causal>/B:1/H:8/T:512/d:64
//     T:1-64: lengths from 1 to 64, padded and masked
//   OneDnnUnfused/<isa>/<f32|bf16>/decode/R:1/H:8/n:512/d:64
//     R query rows against n positions
//
// The level is the best that the CPU has and ONEDNN_MAX_CPU_ISA allows. bf16:
// scores and weights are bf16 too, sums are f32. A result that differs from
// that of Tessera's f32 attention shows as an error, and so does a type that
// oneDNN lacks at that level.
#include <benchmark/benchmark.h>
#include <omp.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "bench/kernels/kernel_bench.h"
#include "bench/kernels/onednn_attention.h"
#include "kernels/attention/attention.h"
#include "kernels/views.h"

namespace tessera::kernels {
namespace {

using Lengths = std::vector<std::size_t>;

constexpr std::size_t kHeads = 8;

struct OneDnnCase {
  std::string name;
  Lengths queries, keys;  // of each sequence
  std::size_t width = 64;
  bool causal = false;
  bool bf16 = false;
};

// Numbers are N(0, 1). With bf16 a score of 4 to 8 is up to 0.016 off, and its
// weight by that share.
double Tolerance(const OneDnnCase& c) { return c.bf16 ? 3e-2 : 1e-5; }

std::size_t Longest(const Lengths& lengths) {
  return *std::max_element(lengths.begin(), lengths.end());
}

std::vector<std::int32_t> Offsets(const Lengths& lengths) {
  std::vector<std::int32_t> offsets{0};
  for (const std::size_t n : lengths) {
    offsets.push_back(offsets.back() + static_cast<std::int32_t>(n));
  }
  return offsets;
}

OneDnnShape ShapeOf(const OneDnnCase& c) {
  using dnnl::memory;
  const auto dim = [](std::size_t n) { return static_cast<memory::dim>(n); };
  const std::size_t shortest = *std::min_element(c.keys.begin(), c.keys.end());
  return {.batch = dim(c.queries.size()),
          .heads = dim(kHeads),
          .queries = dim(Longest(c.queries)),
          .keys = dim(Longest(c.keys)),
          .width = dim(c.width),
          .masked = c.causal || shortest < Longest(c.keys),
          .type = c.bf16 ? memory::data_type::bf16 : memory::data_type::f32};
}

// The same numbers in rows of all heads, as Tessera takes them, and padded to
// matrices of a head, as oneDNN does.
class OneDnnProblem {
 public:
  explicit OneDnnProblem(const OneDnnCase& c)
      : case_(c), attention_(ShapeOf(c)) {
    queries_ = Random(c.queries);
    keys_ = Random(c.keys);
    values_ = Random(c.keys);
    attention_.Set(Padded(c.queries, queries_), attention_.queries);
    attention_.Set(Padded(c.keys, keys_), attention_.keys);
    attention_.Set(Padded(c.keys, values_), attention_.values);
    attention_.Set(Mask(), attention_.mask);
  }

  void Run() { attention_.Run(); }

  // Largest difference from Tessera's result; NaN if one of them is NaN.
  double Difference() {
    attention_.Run();
    const std::vector<float> wanted = Padded(case_.queries, Wanted());
    const std::vector<float> found =
        attention_.Get(attention_.out, wanted.size());
    double largest = 0;
    ForElements(case_.queries, [&](std::size_t, std::size_t i) {
      const double off = std::abs(double{found[i]} - double{wanted[i]});
      if (!(off <= largest)) largest = off;
    });
    return largest;
  }

 private:
  std::size_t columns() const { return kHeads * case_.width; }

  // f32 [sum of lengths, H * d]
  std::vector<float> Random(const Lengths& lengths) {
    const auto rows = static_cast<std::size_t>(Offsets(lengths).back());
    std::vector<float> numbers(rows * columns());
    std::normal_distribution<float> normal;
    for (float& number : numbers) {
      number = normal(random_);
      if (case_.bf16) number = ToFloat(ToBf16(number));
    }
    return numbers;
  }

  // body(place in rows, place in [B, H, T, d]) of each element.
  template <class Body>
  void ForElements(const Lengths& lengths, Body body) const {
    const std::size_t longest = Longest(lengths), width = case_.width;
    std::size_t row = 0;
    for (std::size_t b = 0; b < lengths.size(); ++b) {
      for (std::size_t i = 0; i < lengths[b]; ++i, ++row) {
        for (std::size_t k = 0; k < columns(); ++k) {
          const std::size_t head = b * kHeads + k / width;
          body(row * columns() + k, (head * longest + i) * width + k % width);
        }
      }
    }
  }

  // f32 [B, H, T, d] of rows, zero where a sequence has ended.
  std::vector<float> Padded(const Lengths& lengths,
                            const std::vector<float>& rows) const {
    std::vector<float> padded(lengths.size() * Longest(lengths) * columns());
    ForElements(lengths, [&](std::size_t row, std::size_t place) {
      padded[place] = rows[row];
    });
    return padded;
  }

  // f32 [B, 1, n, m]: -inf where a key may not be seen, else 0.
  std::vector<float> Mask() const {
    const std::size_t rows = Longest(case_.queries), cols = Longest(case_.keys);
    std::vector<float> mask(case_.keys.size() * rows * cols);
    float* cell = mask.data();
    for (const std::size_t length : case_.keys) {
      for (std::size_t i = 0; i < rows; ++i) {
        for (std::size_t j = 0; j < cols; ++j, ++cell) {
          const bool seen = j < length && (!case_.causal || j <= i);
          *cell = seen ? 0 : -std::numeric_limits<float>::infinity();
        }
      }
    }
    return mask;
  }

  // f32 [sum of n, H * d] by Tessera.
  std::vector<float> Wanted() const {
    const auto matrix = [&](const std::vector<float>& x) {
      return Dense(x.data(), x.size() / columns(), columns());
    };
    std::vector<float> out(queries_.size());
    ExecContext context(1);
    AttentionRows(SelfAttentionShape(kHeads, case_.width, case_.causal),
                  {matrix(queries_), matrix(keys_), matrix(values_),
                   Offsets(case_.queries), Offsets(case_.keys)},
                  Dense(out.data(), out.size() / columns(), columns()),
                  context);
    return out;
  }

  OneDnnCase case_;
  OneDnnAttention attention_;
  std::mt19937 random_{1};
  std::vector<float> queries_, keys_, values_;
};

// The benchmark library calls a case several times over: its data stays.
OneDnnProblem* ProblemOf(benchmark::State& state, const OneDnnCase& c) {
  static std::string name;
  static std::unique_ptr<OneDnnProblem> problem;
  if (name == c.name) return problem.get();
  problem = std::make_unique<OneDnnProblem>(c);
  const double off = problem->Difference();
  if (off <= Tolerance(c)) {
    name = c.name;
    return problem.get();
  }
  state.SkipWithError(("want a result within " + std::to_string(Tolerance(c)) +
                       " of Tessera's, found " + std::to_string(off))
                          .c_str());
  return nullptr;
}

void MeasureOneDnn(benchmark::State& state, const OneDnnCase& c) try {
  OneDnnProblem* const problem = ProblemOf(state, c);
  if (!problem) return;
  for ([[maybe_unused]] auto _ : state) {
    problem->Run();
    benchmark::ClobberMemory();
  }
} catch (const dnnl::error& error) {
  state.SkipWithError(error.what());
}

void Register(const OneDnnCase& c) {
  benchmark::RegisterBenchmark(c.name.c_str(), [c](benchmark::State& state) {
    MeasureOneDnn(state, c);
  });
}

void RegisterPrefills(const std::string& start, bool bf16, std::size_t width) {
  const std::string end = "/d:" + std::to_string(width);
  for (const bool causal : {false, true}) {
    const std::string kind = start + (causal ? "/causal" : "/full");
    Lengths ragged(32);
    for (std::size_t b = 0; b < 32; ++b) ragged[b] = 1 + 63 * b / 31;
    Register(
        {kind + "/B:32/H:8/T:1-64" + end, ragged, ragged, width, causal, bf16});
    for (const std::size_t length : {128u, 256u, 512u, 1024u, 2048u}) {
      Register({kind + "/B:1/H:8/T:" + std::to_string(length) + end,
                {length},
                {length},
                width,
                causal,
                bf16});
    }
  }
}

void RegisterDecodes(const std::string& start, bool bf16) {
  for (const std::size_t n : {64u, 512u, 2048u}) {
    Register(
        {.name = start + "/decode/R:1/H:8/n:" + std::to_string(n) + "/d:64",
         .queries = {1},
         .keys = {n},
         .bf16 = bf16});
  }
}

// In the words of TESSERA_ISA, as far as f32 differs.
std::string Level() {
  const auto allows = [](dnnl::cpu_isa isa) {
    const auto bits = static_cast<unsigned>(isa);
    return (static_cast<unsigned>(dnnl::get_effective_cpu_isa()) & bits) ==
           bits;
  };
  if (allows(dnnl::cpu_isa::avx512_core)) return "avx512";
  return allows(dnnl::cpu_isa::avx2) ? "avx2" : "scalar";
}

}  // namespace
}  // namespace tessera::kernels

int main(int argc, char** argv) {
  using namespace tessera::kernels;
  omp_set_num_threads(1);
  for (const bool bf16 : {false, true}) {
    const std::string start =
        "OneDnnUnfused/" + Level() + (bf16 ? "/bf16" : "/f32");
    for (const std::size_t width : {32u, 64u, 128u}) {
      RegisterPrefills(start, bf16, width);
    }
    RegisterDecodes(start, bf16);
  }
  const dnnl_version_t& version = *dnnl_version();
  benchmark::AddCustomContext("onednn", std::to_string(version.major) + "." +
                                            std::to_string(version.minor) +
                                            "." +
                                            std::to_string(version.patch));
  return RunBenchmarks(argc, argv);
}
