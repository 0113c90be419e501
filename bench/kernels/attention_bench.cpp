// Attention at real shapes, as a share of what the machine can do.
//
//   AttentionPrefill/<isa>/f32/<full|causal>/B:1/H:8/T:512/d:64
//     keys and values already in cache layout
//   AttentionPrefillRows/...   from plain rows, packing counted
//   AttentionDecode/<isa>/f32/R:1/H:8/n:512/d:64
//     R query rows of one sequence against n cached positions
//
// Counters: gflops_exact (causal counts needed work only), percent_of_peak (of
// the FMA peak of that level), gbytes_per_s and percent_of_bandwidth (decode:
// keys and values read once, against reads of a working set of that size).
#include <benchmark/benchmark.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "bench/kernels/peaks.h"
#include "kernels/attention/attention.h"

namespace tessera::kernels {
namespace {

struct Case {
  Isa isa;
  bool causal;
  std::size_t batch, heads, queries, keys, width;
  bool from_rows;
};

std::vector<float> Random(std::size_t n) {
  std::mt19937 engine(1);
  std::normal_distribution<float> normal;
  std::vector<float> values(n);
  for (float& value : values) value = normal(engine);
  return values;
}

// One batch of equal sequences, in plain rows and in blocks.
class Problem {
 public:
  explicit Problem(const Case& c)
      : case_(c),
        shape_(SelfAttentionShape(c.heads, c.width, c.causal)),
        queries_(Random(c.batch * c.queries * columns())),
        keys_(Random(c.batch * c.keys * columns())),
        values_(Random(c.batch * c.keys * columns())),
        out_(c.batch * c.queries * columns()) {
    const BlockShape block{c.heads, c.width, c.width};
    const std::size_t blocks = BlocksFor(c.keys);
    key_blocks_.resize(c.batch * blocks * block.key_floats());
    value_blocks_.resize(c.batch * blocks * block.value_floats());
    for (std::size_t b = 0; b < c.batch; ++b) {
      query_offsets_.push_back(static_cast<std::int32_t>((b + 1) * c.queries));
      key_offsets_.push_back(static_cast<std::int32_t>((b + 1) * c.keys));
      for (std::size_t i = 0; i < blocks; ++i) {
        const std::size_t first = b * c.keys + i * kBlock;
        const std::size_t rows = std::min(kBlock, c.keys - i * kBlock);
        const std::size_t at = b * blocks + i;
        PackPositions(block, Dense(&keys_[first * columns()], rows, columns()),
                      Dense(&values_[first * columns()], rows, columns()),
                      &key_blocks_[at * block.key_floats()],
                      &value_blocks_[at * block.value_floats()]);
      }
      sequences_.push_back(
          {.first_row = b * c.queries,
           .rows = c.queries,
           .cache = {&key_blocks_[b * blocks * block.key_floats()],
                     &value_blocks_[b * blocks * block.value_floats()], nullptr,
                     c.keys}});
    }
  }

  void Run(ExecContext& context) {
    const std::size_t rows = case_.batch * case_.queries;
    const Rows<const float> queries = Dense(queries_.data(), rows, columns());
    const Rows<float> out = Dense(out_.data(), rows, columns());
    if (!case_.from_rows) {
      Attention(shape_, queries, sequences_, out, context);
      return;
    }
    const std::size_t keys = case_.batch * case_.keys;
    AttentionRows(
        shape_,
        {queries, Dense(keys_.data(), keys, columns()),
         Dense(values_.data(), keys, columns()), query_offsets_, key_offsets_},
        out, context);
  }

  double Flops() const {
    double pairs = 0;
    for (std::size_t i = 0; i < case_.queries; ++i) {
      pairs += static_cast<double>(
          case_.causal
              ? std::min(case_.keys, i + 1 + case_.keys - case_.queries)
              : case_.keys);
    }
    return 4 * pairs * static_cast<double>(case_.batch * columns());
  }
  double Bytes() const {
    return 2.0 * sizeof(float) *
           static_cast<double>(case_.batch * case_.keys * columns());
  }

 private:
  std::size_t columns() const { return case_.heads * case_.width; }

  Case case_;
  AttentionShape shape_;
  std::vector<float> queries_, keys_, values_, out_;
  std::vector<float> key_blocks_, value_blocks_;
  std::vector<std::int32_t> query_offsets_{0}, key_offsets_{0};
  std::vector<AttentionSequence> sequences_;
};

void Measure(benchmark::State& state, const Case& c, bool decode) {
  Problem problem(c);
  ExecContext context;
  const auto bytes = static_cast<std::size_t>(problem.Bytes());
  double peak = FmaPeak(c.isa);
  double bandwidth = decode ? ReadBandwidth(c.isa, bytes) : 0;
  problem.Run(context);
  for (auto _ : state) {
    problem.Run(context);
    benchmark::ClobberMemory();
  }
  peak = std::max(peak, FmaPeak(c.isa));
  using benchmark::Counter;
  const auto rate = [&](double amount) {
    return Counter(amount, Counter::kIsIterationInvariantRate);
  };
  state.counters["gflops_exact"] = rate(problem.Flops() / 1e9);
  state.counters["percent_of_peak"] = rate(100 * problem.Flops() / peak);
  if (!decode) return;
  bandwidth = std::max(bandwidth, ReadBandwidth(c.isa, bytes));
  state.counters["gbytes_per_s"] = rate(problem.Bytes() / 1e9);
  state.counters["percent_of_bandwidth"] =
      rate(100 * problem.Bytes() / bandwidth);
}

std::string Number(const char* name, std::size_t value) {
  return std::string("/") + name + ":" + std::to_string(value);
}

void Register(const std::string& name, const Case& c, bool decode) {
  benchmark::RegisterBenchmark(name.c_str(), [c,
                                              decode](benchmark::State& state) {
    Measure(state, c, decode);
  })->UseRealTime();
}

void RegisterPrefill(Isa isa, const std::string& level) {
  for (const bool from_rows : {false, true}) {
    for (const bool causal : {false, true}) {
      const std::string head = std::string(from_rows ? "AttentionPrefillRows/"
                                                     : "AttentionPrefill/") +
                               level + "/f32/" + (causal ? "causal" : "full");
      for (const std::size_t width : {32u, 64u, 128u}) {
        for (const std::size_t t : {16u, 32u, 64u, 128u, 512u, 2048u}) {
          const std::size_t batch = t < 128 ? 32 : 1;
          Register(head + Number("B", batch) + Number("H", 8) + Number("T", t) +
                       Number("d", width),
                   {isa, causal, batch, 8, t, t, width, from_rows}, false);
        }
      }
    }
  }
}

void RegisterDecode(Isa isa, const std::string& level) {
  for (const std::size_t rows : {1u, 4u, 5u}) {
    for (const std::size_t heads : {1u, 8u}) {
      for (const std::size_t n : {16u, 64u, 512u, 2048u}) {
        Register("AttentionDecode/" + level + "/f32" + Number("R", rows) +
                     Number("H", heads) + Number("n", n) + Number("d", 64),
                 {isa, false, 1, heads, rows, n, 64, false}, true);
      }
    }
  }
}

}  // namespace
}  // namespace tessera::kernels

// Dispatch follows TESSERA_ISA: run once for each level to compare them.
int main(int argc, char** argv) {
  using namespace tessera::kernels;
  const std::string level(Name(std::min(ActiveIsa(), Isa::kAvx512)));
  RegisterPrefill(ActiveIsa(), level);
  RegisterDecode(ActiveIsa(), level);
  benchmark::Initialize(&argc, argv);
  benchmark::RunSpecifiedBenchmarks();
}
