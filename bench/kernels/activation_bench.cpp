// Activate at the width of a feed-forward layer. It works in place, so that
// after some turns the numbers are small: SIMD bodies take the same time for
// all numbers, the scalar ones of the C library do not.
#include "bench/kernels/kernel_bench.h"
#include "kernels/activation/activation.h"
#include "kernels/aligned_buffer.h"

namespace tessera::kernels {
namespace {

// Operations of the SIMD body per element, an FMA being two, exp 19.
double FlopsOf(Activation activation) {
  switch (activation) {
    case Activation::kIdentity:
      return 0;
    case Activation::kRelu:
      return 1;
    case Activation::kGeluErf:
      return 43;
    case Activation::kGeluTanh:
      return 27;
    case Activation::kSilu:
      return 24;
    case Activation::kTanh:
      return 21;
    case Activation::kGeluClipped:
    case Activation::kLaplace:
      return 44;
    case Activation::kQuickGelu:
      return 25;
    case Activation::kMish:
      return 30;
    case Activation::kSigmoid:
      return 22;
    case Activation::kLeakyRelu:
    case Activation::kReluSquared:
    case Activation::kRelu6:
      return 2;
  }
  return 0;
}

void Run(benchmark::State& state,
         const Implementation<decltype(Activate)>& kernel,
         Activation activation, std::size_t rows, std::size_t width) {
  AlignedBuffer<float> x(rows * width);
  for (std::size_t i = 0; i < x.size(); ++i) {
    x[i] = static_cast<float>(i * 7919 % 1000) * 8e-3f - 4.0f;
  }
  const auto elements = static_cast<double>(x.size());
  Measure(
      state, kernel.isa,
      {Flops(FlopsOf(activation) * elements), Bytes(4 * elements, x.bytes())},
      [&] { kernel.run(activation, Dense(x.data(), rows, width)); });
}

void Register(Activation activation, std::size_t rows, std::size_t width) {
  RegisterKernels(ActivateKernels(),
                  std::string(Name(activation)) + "/rows:" +
                      std::to_string(rows) + "/F:" + std::to_string(width),
                  [=](auto& state, const auto& kernel) {
                    Run(state, kernel, activation, rows, width);
                  });
}

}  // namespace
}  // namespace tessera::kernels

int main(int argc, char** argv) {
  using tessera::kernels::Activation;
  for (const Activation activation : tessera::kernels::kAllActivations) {
    if (activation == Activation::kIdentity) continue;
    for (const std::size_t rows : {1u, 128u}) {
      tessera::kernels::Register(activation, rows, 2048);
    }
  }
  return tessera::kernels::RunBenchmarks(argc, argv);
}
