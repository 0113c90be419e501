// Implementations of TopKRows, best first.
#include "kernels/top_k/top_k.h"

#include <cmath>

namespace tessera::kernels {

using Fn = decltype(TopKRows);
Fn TopKRowsScalar, TopKRowsAvx2, TopKRowsAvx512;  // top_k_<isa>.cpp

namespace {
constexpr Implementation<Fn> kKernels[] = {
    {Isa::kAvx512, "TopKRows/avx512", TopKRowsAvx512},
    {Isa::kAvx2, "TopKRows/avx2", TopKRowsAvx2},
    {Isa::kScalar, "TopKRows/scalar", TopKRowsScalar},
};
}  // namespace

std::span<const Implementation<Fn>> TopKRowsKernels() { return kKernels; }

void TopKRows(Rows<const float> logits, std::size_t first, Rows<float> values,
              Rows<std::int32_t> ids, TopKSeen* seen) noexcept {
  static Fn* const best = Select(TopKRowsKernels());
  best(logits, first, values, ids, seen);
}

float LogSumExp(const TopKSeen& seen) noexcept {
  return static_cast<float>(static_cast<double>(seen.shift) +
                            std::log(seen.sum));
}

}  // namespace tessera::kernels
