// TopKRows over vocabularies, for greedy and for beam search.
#include <random>
#include <vector>

#include "bench/kernels/kernel_bench.h"
#include "kernels/aligned_buffer.h"
#include "kernels/top_k/top_k.h"

namespace tessera::kernels {
namespace {

struct Case {
  std::size_t rows, vocabulary, k;
};

// The largest, difference, exp (7 FMA and 5 others), sum.
constexpr double kFlops = 1 + 1 + 19 + 1;

void Run(benchmark::State& state,
         const Implementation<decltype(TopKRows)>& kernel, const Case& c) {
  AlignedBuffer<float> logits(c.rows * c.vocabulary), values(c.rows * c.k);
  AlignedBuffer<std::int32_t> ids(c.rows * c.k);
  std::vector<TopKSeen> seen(c.rows);
  std::mt19937 engine(1);
  std::normal_distribution<float> normal(0.0f, 3.0f);
  for (std::size_t i = 0; i < logits.size(); ++i) logits[i] = normal(engine);
  const auto elements = static_cast<double>(logits.size());
  Measure(state, kernel.isa,
          {Flops(kFlops * elements), Bytes(4 * elements, logits.bytes())}, [&] {
            kernel.run(Dense<const float>(logits.data(), c.rows, c.vocabulary),
                       0, Dense(values.data(), c.rows, c.k),
                       Dense(ids.data(), c.rows, c.k), seen.data());
          });
}

void Register(const Case& c) {
  RegisterKernels(
      TopKRowsKernels(),
      "rows:" + std::to_string(c.rows) + "/V:" + std::to_string(c.vocabulary) +
          "/k:" + std::to_string(c.k),
      [=](auto& state, const auto& kernel) { Run(state, kernel, c); });
}

}  // namespace
}  // namespace tessera::kernels

int main(int argc, char** argv) {
  for (const std::size_t vocabulary : {8000u, 32000u}) {
    for (const std::size_t rows : {1u, 128u}) {
      for (const std::size_t k : {1u, 8u}) {
        tessera::kernels::Register({rows, vocabulary, k});
      }
    }
  }
  return tessera::kernels::RunBenchmarks(argc, argv);
}
