// LayerNormRows once for all registers; included by ISA files only.
#ifndef TESSERA_KERNELS_NORM_NORM_IMPL_H_
#define TESSERA_KERNELS_NORM_NORM_IMPL_H_

#include "kernels/norm/norm.h"
#include "kernels/simd.h"

namespace tessera::kernels {
namespace {

// x + residual. It is added anew in each of the three passes: storing the sums
// costs more than loading both again, and masked tails cannot be loaded right
// after they are stored.
template <class Arch, bool kResidual>
struct Sums {
  const float* x;
  const float* residual;

  TESSERA_INLINE F32<Arch> operator()(std::size_t i) const {
    const F32<Arch> v = Load<Arch>(x + i);
    return kResidual ? v + Load<Arch>(residual + i) : v;
  }
  TESSERA_INLINE F32<Arch> operator()(std::size_t i,
                                      FirstLanes<Arch> first) const {
    const F32<Arch> v = first.Load(x + i);
    return kResidual ? v + first.Load(residual + i) : v;
  }
};

template <class Arch>
TESSERA_INLINE float Total(const F32<Arch> (&sum)[4]) {
  return ReduceAdd((sum[0] + sum[1]) + (sum[2] + sum[3]));
}

template <class Arch, class S>
TESSERA_INLINE float Sum(const S& s, std::size_t n) {
  const F32<Arch> zero = Zero<Arch>();
  F32<Arch> sum[4] = {zero, zero, zero, zero};
  ForLanes4<Arch>(
      n, [&](std::size_t i, std::size_t u) { sum[u] = sum[u] + s(i); },
      [&](std::size_t i, FirstLanes<Arch> first) {
        sum[0] = sum[0] + s(i, first);
      });
  return Total<Arch>(sum);
}

struct Moments {
  float mean;
  float variance;
};

// Both from differences to a first mean: these average to what that mean lacks,
// after long sums some ulps.
template <class Arch, class S>
TESSERA_INLINE Moments Refine(const S& s, std::size_t n, float inverse,
                              float mean) {
  const F32<Arch> m = Broadcast<Arch>(mean);
  const F32<Arch> zero = Zero<Arch>();
  F32<Arch> sum[4] = {zero, zero, zero, zero};
  F32<Arch> squares[4] = {zero, zero, zero, zero};
  const auto add = [&](F32<Arch> difference, std::size_t u) {
    sum[u] = sum[u] + difference;
    squares[u] = Fma(difference, difference, squares[u]);
  };
  ForLanes4<Arch>(
      n, [&](std::size_t i, std::size_t u) { add(s(i) - m, u); },
      [&](std::size_t i, FirstLanes<Arch> first) {
        add(first.Select(s(i, first) - m, zero), 0);
      });
  const float lacking = Total<Arch>(sum) * inverse;
  const float variance = Total<Arch>(squares) * inverse - lacking * lacking;
  return {mean + lacking, variance < 0.0f ? 0.0f : variance};  // NaN stays
}

// y := (s - mean) * factor * scale + bias
template <class Arch, bool kBias, class S>
TESSERA_INLINE void Normalize(const S& s, std::size_t n, float mean,
                              float factor, const LayerNormWeights& weights,
                              float* y) {
  const F32<Arch> m = Broadcast<Arch>(mean);
  const F32<Arch> f = Broadcast<Arch>(factor);
  const float* const scale = weights.scale;
  const float* const bias = weights.bias;
  ForLanes<Arch>(
      n,
      [&](std::size_t i) {
        const F32<Arch> b = kBias ? Load<Arch>(bias + i) : Zero<Arch>();
        Store<Arch>(y + i, Fma((s(i) - m) * f, Load<Arch>(scale + i), b));
      },
      [&](std::size_t i, FirstLanes<Arch> first) {
        const F32<Arch> b = kBias ? first.Load(bias + i) : Zero<Arch>();
        first.Store(y + i,
                    Fma((s(i, first) - m) * f, first.Load(scale + i), b));
      });
}

// What centred values are multiplied by.
TESSERA_INLINE float Factor(float variance, std::size_t n,
                            const LayerNormWeights& weights) {
  if (weights.deviation == Deviation::kPopulation) {
    return 1.0f / __builtin_sqrtf(variance + weights.epsilon);
  }
  const float unbiased =
      variance * (static_cast<float>(n) / static_cast<float>(n - 1));
  return 1.0f / (__builtin_sqrtf(unbiased) + weights.epsilon);
}

template <class Arch, bool kResidual, bool kBias>
[[gnu::flatten]] void LayerNormEach(Rows<const float> x,
                                    Rows<const float> residual,
                                    const LayerNormWeights& weights,
                                    Rows<float> y) {
  const std::size_t n = x.cols;
  const float inverse = 1.0f / static_cast<float>(n);
  const auto row = [&](std::size_t r) {
    return Sums<Arch, kResidual>{x[r], kResidual ? residual[r] : nullptr};
  };
  float sum = Sum<Arch>(row(0), n);
  for (std::size_t r = 0; r < x.rows; ++r) {
    const auto [mean, variance] =
        Refine<Arch>(row(r), n, inverse, sum * inverse);
    const float factor = Factor(variance, n, weights);
    // The next row is summed up while this one waits for its factor: rows of
    // 512 take 50 ns instead of 70 (bench/kernels/layer_norm_bench).
    if (r + 1 < x.rows) sum = Sum<Arch>(row(r + 1), n);
    Normalize<Arch, kBias>(row(r), n, mean, factor, weights, y[r]);
  }
}

template <class Arch>
TESSERA_INLINE void LayerNormRowsImpl(Rows<const float> x,
                                      Rows<const float> residual,
                                      const LayerNormWeights& weights,
                                      Rows<float> y) {
  if (x.rows == 0) return;
  if (residual.data && weights.bias) {
    LayerNormEach<Arch, true, true>(x, residual, weights, y);
  } else if (residual.data) {
    LayerNormEach<Arch, true, false>(x, residual, weights, y);
  } else if (weights.bias) {
    LayerNormEach<Arch, false, true>(x, residual, weights, y);
  } else {
    LayerNormEach<Arch, false, false>(x, residual, weights, y);
  }
}

}  // namespace
}  // namespace tessera::kernels

#endif  // TESSERA_KERNELS_NORM_NORM_IMPL_H_
