// SoftmaxRows once for all registers; included by ISA files only.
#ifndef TESSERA_KERNELS_SOFTMAX_SOFTMAX_IMPL_H_
#define TESSERA_KERNELS_SOFTMAX_SOFTMAX_IMPL_H_

#include <limits>

#include "kernels/simd.h"
#include "kernels/softmax/softmax.h"

namespace tessera::kernels {
namespace {

constexpr float kNoScore = -std::numeric_limits<float>::infinity();

// NaN is passed over here; it comes back through the sum.
template <class Arch>
TESSERA_INLINE float MaxOf(const float* x, std::size_t n) {
  const F32<Arch> none = Broadcast<Arch>(kNoScore);
  F32<Arch> m[4] = {none, none, none, none};
  ForLanes4<Arch>(
      n,
      [&](std::size_t i, std::size_t u) {
        m[u] = Max<Arch>(Load<Arch>(x + i), m[u]);
      },
      [&](std::size_t i, FirstLanes<Arch> first) {
        m[0] = Max<Arch>(first.Select(first.Load(x + i), none), m[0]);
      });
  return ReduceMax(Max<Arch>(Max<Arch>(m[0], m[1]), Max<Arch>(m[2], m[3])));
}

// x := exp(x - max), returns the sum.
template <class Arch>
TESSERA_INLINE float ExpOf(float* x, std::size_t n, float max) {
  const F32<Arch> m = Broadcast<Arch>(max);
  const F32<Arch> zero = Zero<Arch>();
  F32<Arch> sum[4] = {zero, zero, zero, zero};
  ForLanes4<Arch>(
      n,
      [&](std::size_t i, std::size_t u) {
        const F32<Arch> y = Exp<Arch>(Load<Arch>(x + i) - m);
        Store<Arch>(x + i, y);
        sum[u] = sum[u] + y;
      },
      [&](std::size_t i, FirstLanes<Arch> first) {
        const F32<Arch> y = Exp<Arch>(first.Load(x + i) - m);
        first.Store(x + i, y);
        sum[0] = sum[0] + first.Select(y, zero);
      });
  return ReduceAdd((sum[0] + sum[1]) + (sum[2] + sum[3]));
}

template <class Arch>
TESSERA_INLINE void Multiply(float* x, std::size_t n, float factor) {
  const F32<Arch> f = Broadcast<Arch>(factor);
  MapLanes<Arch>(n, [&](std::size_t i, auto lanes) {
    lanes.Store(x + i, lanes.Load(x + i) * f);
  });
}

template <class Arch>
TESSERA_INLINE void Clear(float* x, std::size_t n) {
  MapLanes<Arch>(
      n, [&](std::size_t i, auto lanes) { lanes.Store(x + i, Zero<Arch>()); });
}

template <class Arch>
[[gnu::flatten]] void SoftmaxRow(float* x, std::size_t n) {
  // Equal terms added to a growing f32 sum err all in one direction: after 64k
  // of them by 1e-5. Sums of this many are exact enough to be added in f64.
  constexpr std::size_t kRun = 2048;
  const float max = MaxOf<Arch>(x, n);
  const float shift = max == kNoScore ? 0.0f : max;  // -inf - -inf is NaN
  double sum = 0.0;
  for (std::size_t i = 0; i < n; i += kRun) {
    sum += static_cast<double>(
        ExpOf<Arch>(x + i, n - i < kRun ? n - i : kRun, shift));
  }
  const double inverse = sum == 0.0 ? 0.0 : 1.0 / sum;
  Multiply<Arch>(x, n, static_cast<float>(inverse));
}

template <class Arch>
TESSERA_INLINE void SoftmaxRowsImpl(Rows<float> x,
                                    const std::int32_t* lengths) {
  for (std::size_t r = 0; r < x.rows; ++r) {
    const std::size_t n =
        lengths ? static_cast<std::size_t>(lengths[r]) : x.cols;
    SoftmaxRow<Arch>(x[r], n);
    Clear<Arch>(x[r] + n, x.cols - n);
  }
}

}  // namespace
}  // namespace tessera::kernels

#endif  // TESSERA_KERNELS_SOFTMAX_SOFTMAX_IMPL_H_
