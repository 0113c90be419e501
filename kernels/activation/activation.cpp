// Implementations of Activate, best first, with the names of its functions.
#include "kernels/activation/activation.h"

#include <cstddef>

namespace tessera::kernels {

using Fn = decltype(Activate);
Fn ActivateScalar, ActivateAvx2, ActivateAvx512;  // activation_<isa>.cpp

namespace {
constexpr Implementation<Fn> kKernels[] = {
    {Isa::kAvx512, "Activate/avx512", ActivateAvx512},
    {Isa::kAvx2, "Activate/avx2", ActivateAvx2},
    {Isa::kScalar, "Activate/scalar", ActivateScalar},
};
}  // namespace

std::string_view Name(Activation activation) noexcept {
  constexpr std::string_view kNames[] = {
      "identity", "relu",         "gelu_erf",     "gelu_tanh", "silu",
      "tanh",     "gelu_clipped", "quick_gelu",   "mish",      "sigmoid",
      "laplace",  "leaky_relu",   "relu_squared", "relu6"};
  return kNames[static_cast<std::size_t>(activation)];
}

std::span<const Implementation<Fn>> ActivateKernels() { return kKernels; }

void Activate(Activation activation, Rows<float> x) noexcept {
  static Fn* const best = Select(ActivateKernels());
  best(activation, x);
}

}  // namespace tessera::kernels
