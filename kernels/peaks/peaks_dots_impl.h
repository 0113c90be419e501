// The loop behind peaks of small integers, once for every way to multiply them;
// included by ISA files only.
#ifndef TESSERA_KERNELS_PEAKS_DOTS_IMPL_H_
#define TESSERA_KERNELS_PEAKS_DOTS_IMPL_H_

#include "kernels/peaks/peaks_loops.h"
#include "kernels/gemm/dots_impl.h"
#include "kernels/simd_ints.h"

namespace tessera::kernels {
namespace {

// 12 chains, as of floats.
template <class Dots>
TESSERA_INLINE LoopResult DotLoopImpl(std::size_t iterations) {
  using Arch = typename Dots::Arch;
  constexpr std::size_t kChains = 12;
  I32<Arch> sum[kChains];
  for (std::size_t u = 0; u < kChains; ++u) {
    sum[u] = BroadcastInts<Arch>(static_cast<std::int32_t>(u));
  }
  const I32<Arch> w = BroadcastInts<Arch>(0x01020304);
  const I32<Arch> x = BroadcastInts<Arch>(0x04030201);
  for (std::size_t i = 0; i < iterations; ++i) {
    for (std::size_t u = 0; u < kChains; ++u) sum[u] = Dots::Dot(sum[u], w, x);
  }
  for (std::size_t u = 1; u < kChains; ++u) sum[0] = AddInts(sum[0], sum[u]);
  return {2.0 * kChains * kLanes<Arch> * Dots::kInner *
              static_cast<double>(iterations),
          static_cast<float>(ReduceAddInts(sum[0]))};
}

}  // namespace
}  // namespace tessera::kernels

#endif  // TESSERA_KERNELS_PEAKS_DOTS_IMPL_H_
