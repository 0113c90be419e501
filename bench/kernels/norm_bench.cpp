// NormRows with a sum before it, at the widths of models.
#include "bench/kernels/kernel_bench.h"
#include "kernels/aligned_buffer.h"
#include "kernels/norm/norm.h"

namespace tessera::kernels {
namespace {

// sum of two; its sum; difference, its sum, square and sum; difference, two
// products and the bias
constexpr double kFlops = 1 + 1 + 4 + 4;

void Run(benchmark::State& state, const Implementation<NormRowsFn>& kernel,
         std::size_t rows, std::size_t width, NormKind kind) {
  AlignedBuffer<float> x(rows * width), added(rows * width), y(rows * width);
  AlignedBuffer<float> scale(width), bias(width);
  for (std::size_t i = 0; i < x.size(); ++i) {
    x[i] = static_cast<float>(i * 7919 % 1000) * 1e-3f;
  }
  const auto elements = static_cast<double>(x.size());
  Measure(state, kernel.isa,
          {Flops(kFlops * elements), Bytes(12 * elements, 3 * x.bytes())}, [&] {
            kernel.run({.x = Dense<const float>(x.data(), rows, width),
                        .added = Dense<const float>(added.data(), rows, width),
                        .weights = {scale.data(), bias.data(), 1e-5f, kind},
                        .y = Dense(y.data(), rows, width)});
          });
}

void Register(std::size_t rows, std::size_t width, NormKind kind) {
  RegisterKernels(NormRowsKernels(),
                  "rows:" + std::to_string(rows) +
                      "/D:" + std::to_string(width) +
                      (kind == NormKind::kRms ? "/rms" : ""),
                  [=](auto& state, const auto& kernel) {
                    Run(state, kernel, rows, width, kind);
                  });
}

}  // namespace
}  // namespace tessera::kernels

int main(int argc, char** argv) {
  for (const std::size_t rows : {1u, 128u}) {
    for (const std::size_t width : {256u, 512u, 1024u}) {
      using tessera::kernels::NormKind;
      tessera::kernels::Register(rows, width, NormKind::kLayer);
      tessera::kernels::Register(rows, width, NormKind::kRms);
    }
  }
  return tessera::kernels::RunBenchmarks(argc, argv);
}
