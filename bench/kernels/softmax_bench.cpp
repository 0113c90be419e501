// SoftmaxRows at the shapes of attention weights and of a vocabulary.
#include "bench/kernels/kernel_bench.h"
#include "kernels/aligned_buffer.h"
#include "kernels/softmax/softmax.h"

namespace tessera::kernels {
namespace {

// max, difference, exp (7 FMA and 5 others), sum, product
constexpr double kFlops = 1 + 1 + 19 + 1 + 1;

void Run(benchmark::State& state,
         const Implementation<decltype(SoftmaxRows)>& kernel, std::size_t rows,
         std::size_t cols) {
  // In place: the weights of one turn are the scores of the next.
  AlignedBuffer<float> x(rows * cols);
  const auto elements = static_cast<double>(x.size());
  Measure(state, kernel.isa,
          {Flops(kFlops * elements), Bytes(4 * elements, x.bytes())},
          [&] { kernel.run(Dense(x.data(), rows, cols), nullptr); });
}

void Register(std::size_t rows, std::size_t cols) {
  RegisterKernels(
      SoftmaxRowsKernels(),
      "rows:" + std::to_string(rows) + "/cols:" + std::to_string(cols),
      [=](auto& state, const auto& kernel) { Run(state, kernel, rows, cols); });
}

}  // namespace
}  // namespace tessera::kernels

int main(int argc, char** argv) {
  using tessera::kernels::Register;
  for (const std::size_t keys : {24u, 64u, 512u}) Register(128, keys);
  for (const std::size_t rows : {1u, 128u}) Register(rows, 32000);
  return tessera::kernels::RunBenchmarks(argc, argv);
}
