// Packed products at the shapes of Transformers: our own kernels and oneDNN.
#include <algorithm>
#include <string>
#include <vector>

#include "bench/kernels/kernel_bench.h"
#include "kernels/aligned_buffer.h"
#include "kernels/gemm/multiply.h"
#include "kernels/gemm/quantize.h"

namespace tessera::kernels {
namespace {

// y [M, N] = x [M, K] W^T [K, N]
struct Shape {
  std::size_t m, n, k;
};

constexpr std::size_t kRows[] = {1, 2, 4, 8, 32, 128, 512};
constexpr struct {
  std::size_t n, k;
} kWeights[] = {
    {256, 256},  {1024, 256},  {256, 1024},  {512, 512},  // attention and
    {2048, 512}, {512, 2048},  {1024, 4096},  // feed-forward layers,
    {8000, 256}, {32000, 512}, {58101, 512},  // vocabularies
};

void Fill(float* values, std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) {
    values[i] = static_cast<float>(i * 7919 % 1000) * 1e-3f - 0.5f;
  }
}

// Weights of as many layers as decoding goes through between two uses of one:
// 16 MiB, more than L2, so that few rows are not measured against a hot cache.
std::vector<PackedMatrix> Layers(const Shape& s, const ProductKernel& product) {
  std::vector<float> w(s.n * s.k);
  Fill(w.data(), w.size());
  std::vector<PackedMatrix> layers;
  std::size_t bytes = 0;
  while (bytes < (std::size_t{16} << 20)) {
    layers.emplace_back(s.n, s.k, product);
    layers.back().SetRows(0, Dense<const float>(w.data(), s.n, s.k));
    bytes += layers.back().bytes();
    if (s.m > 8) break;
  }
  return layers;
}

std::string Name(const Shape& s) {
  return "M:" + std::to_string(s.m) + "/N:" + std::to_string(s.n) +
         "/K:" + std::to_string(s.k);
}

double Flop(const Shape& s) {
  return 2.0 * static_cast<double>(s.m) * static_cast<double>(s.n) *
         static_cast<double>(s.k);
}

// x as a kernel reads it.
struct Input {
  Input(const Shape& s, const ProductKernel& kernel)
      : floats(s.m * s.k), integers(s.m * s.k * 2), scales(s.m) {
    Fill(floats.data(), floats.size());
    const Rows<const float> x = Dense<const float>(floats.data(), s.m, s.k);
    view = x;
    if (kernel.x == ElementType::kF32) return;
    const QuantizedRows rows = {kernel.x, integers.data(), s.m, s.k,
                                s.k,      scales.data()};
    QuantizeRows(x, rows);
    view = rows.view();
  }
  AlignedBuffer<float> floats;
  AlignedBuffer<char> integers;
  std::vector<RowScale> scales;
  TypedRows view;
};

void RunKernel(benchmark::State& state, const ProductKernel& kernel,
               const Shape& s) {
  const std::vector<PackedMatrix> layers = Layers(s, kernel);
  const Input x(s, kernel);
  AlignedBuffer<float> y(s.m * s.n);
  std::vector<Bound> bounds = {kernel.x == ElementType::kF32
                                   ? Flops(Flop(s))
                                   : Dots(Flop(s), kernel.inner)};
  const std::size_t bytes = layers[0].bytes();
  if (s.m <= 8) {
    bounds.push_back(Bytes(static_cast<double>(bytes), bytes * layers.size()));
  }
  std::size_t layer = 0;
  Measure(state, kernel.isa, bounds, [&] {
    const PackedMatrix& w = layers[layer];
    kernel.run({.x = x.view,
                .w = w.layout(),
                .epilogue = {.bias = w.bias()},
                .y = Dense(y.data(), s.m, s.n),
                .x_scales = x.scales.data()});
    layer = layer + 1 == layers.size() ? 0 : layer + 1;
  });
}

// Multiply() itself, with a team of threads.
void RunMultiply(benchmark::State& state, ElementType type, const Shape& s,
                 std::size_t threads) {
  const std::vector<PackedMatrix> layers =
      Layers(s, ChooseProduct(type, s.n, s.k, ActiveIsa()));
  AlignedBuffer<float> x(s.m * s.k), y(s.m * s.n);
  Fill(x.data(), x.size());
  ExecContext context(threads);
  std::size_t layer = 0;
  const Bound bound = type == ElementType::kF32
                          ? Flops(Flop(s))
                          : Dots(Flop(s), layers[0].layout().inner);
  Measure(state, ActiveIsa(), {bound}, [&] {
    Multiply(Dense<const float>(x.data(), s.m, s.k), layers[layer], {},
             Dense(y.data(), s.m, s.n), context);
    layer = layer + 1 == layers.size() ? 0 : layer + 1;
  });
}

void RegisterMultiply(ElementType type, std::size_t m, std::size_t threads) {
  const Shape shape{m, 2048, 512};
  benchmark::RegisterBenchmark(
      ("Multiply/" + std::string(Name(type)) + "/" +
       std::string(Name(ActiveIsa())) + "/" + Name(shape) +
       "/threads:" + std::to_string(threads))
          .c_str(),
      [=](benchmark::State& state) {
        RunMultiply(state, type, shape, threads);
      })
      ->UseRealTime();
}

void RegisterAll() {
  for (const ElementType type : kWeightTypes) {
    for (const auto& w : kWeights) {
      for (const std::size_t m : kRows) {
        const Shape shape{m, w.n, w.k};
        RegisterKernels(ProductKernels(type), Name(shape),
                        [shape](auto& state, const auto& kernel) {
                          RunKernel(state, kernel, shape);
                        });
      }
    }
    for (const std::size_t m : {std::size_t{1}, std::size_t{128}}) {
      for (const std::size_t threads : {std::size_t{1}, std::size_t{2}}) {
        RegisterMultiply(type, m, threads);
      }
    }
  }
}

}  // namespace
}  // namespace tessera::kernels

int main(int argc, char** argv) {
  tessera::kernels::RegisterAll();
  return tessera::kernels::RunBenchmarks(argc, argv);
}
