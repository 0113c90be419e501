// NormRows and AddRows once for all registers; included by ISA files only.
#ifndef TESSERA_KERNELS_NORM_NORM_IMPL_H_
#define TESSERA_KERNELS_NORM_NORM_IMPL_H_

#include "kernels/norm/norm.h"
#include "kernels/simd.h"

namespace tessera::kernels {
namespace {

// x + added. The sum is made anew in each of the three passes: storing the sums
// costs more than loading both again, and masked tails cannot be loaded right
// after they are stored.
template <class Arch, bool kAdded>
struct Sums {
  const float* x;
  const float* added;

  template <class Lanes = AllLanes<Arch>>
  TESSERA_INLINE F32<Arch> operator()(std::size_t i, Lanes lanes = {}) const {
    const F32<Arch> v = lanes.Load(x + i);
    return kAdded ? v + lanes.Load(added + i) : v;
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

// Of a row that is not centred.
template <class Arch, class S>
TESSERA_INLINE float MeanSquare(const S& s, std::size_t n, float inverse) {
  const F32<Arch> zero = Zero<Arch>();
  F32<Arch> squares[4] = {zero, zero, zero, zero};
  const auto add = [&](F32<Arch> value, std::size_t u) {
    squares[u] = Fma(value, value, squares[u]);
  };
  ForLanes4<Arch>(
      n, [&](std::size_t i, std::size_t u) { add(s(i), u); },
      [&](std::size_t i, FirstLanes<Arch> first) { add(s(i, first), 0); });
  return Total<Arch>(squares) * inverse;
}

// y := (s - mean) * factor * scale + bias
template <class Arch, bool kBias, class S>
TESSERA_INLINE void Normalise(const S& s, std::size_t n, float mean,
                              float factor, const NormWeights& weights,
                              float* y) {
  const F32<Arch> m = Broadcast<Arch>(mean);
  const F32<Arch> f = Broadcast<Arch>(factor);
  const float* const scale = weights.scale;
  const float* const bias = weights.bias;
  MapLanes<Arch>(n, [&](std::size_t i, auto lanes) {
    const F32<Arch> b = kBias ? lanes.Load(bias + i) : Zero<Arch>();
    lanes.Store(y + i, Fma((s(i, lanes) - m) * f, lanes.Load(scale + i), b));
  });
}

// What centred values are multiplied by, or those of kRms as they are.
TESSERA_INLINE float Factor(float variance, std::size_t n,
                            const NormWeights& weights) {
  if (weights.kind != NormKind::kUnbiased) {
    return 1.0f / __builtin_sqrtf(variance + weights.epsilon);
  }
  const float unbiased =
      variance * (static_cast<float>(n) / static_cast<float>(n - 1));
  return 1.0f / (__builtin_sqrtf(unbiased) + weights.epsilon);
}

template <class Arch, bool kAdded, bool kBias>
[[gnu::flatten]] void NormEach(const NormArgs& args) {
  const auto& [x, added, weights, y] = args;
  const std::size_t n = x.cols;
  const float inverse = 1.0f / static_cast<float>(n);
  const bool rms = weights.kind == NormKind::kRms;
  const auto row = [&x = x, &added = added](std::size_t r) {
    return Sums<Arch, kAdded>{x[r], kAdded ? added[r] : nullptr};
  };
  float sum = rms ? 0.0f : Sum<Arch>(row(0), n);
  for (std::size_t r = 0; r < x.rows; ++r) {
    const auto [mean, variance] =
        rms ? Moments{0.0f, MeanSquare<Arch>(row(r), n, inverse)}
            : Refine<Arch>(row(r), n, inverse, sum * inverse);
    const float factor = Factor(variance, n, weights);
    // The next row is summed up while this one waits for its factor: rows of
    // 512 take 50 ns instead of 70 (bench/kernels/norm_bench).
    if (!rms && r + 1 < x.rows) sum = Sum<Arch>(row(r + 1), n);
    Normalise<Arch, kBias>(row(r), n, mean, factor, weights, y[r]);
  }
}

template <class Arch>
TESSERA_INLINE void NormRowsImpl(const NormArgs& args) {
  if (args.x.rows == 0) return;
  if (args.added.data && args.weights.bias) {
    NormEach<Arch, true, true>(args);
  } else if (args.added.data) {
    NormEach<Arch, true, false>(args);
  } else if (args.weights.bias) {
    NormEach<Arch, false, true>(args);
  } else {
    NormEach<Arch, false, false>(args);
  }
}

template <class Arch, bool kAdded>
[[gnu::flatten]] void AddEach(const AddArgs& args) {
  const F32<Arch> factor = Broadcast<Arch>(args.factor);
  for (std::size_t r = 0; r < args.y.rows; ++r) {
    const float* const x = args.x[r];
    const float* const added = kAdded ? args.added[r] : nullptr;
    float* const y = args.y[r];
    MapLanes<Arch>(args.y.cols, [&](std::size_t i, auto lanes) {
      const F32<Arch> v = factor * lanes.Load(x + i);
      lanes.Store(y + i, kAdded ? lanes.Load(added + i) + v : v);
    });
  }
}

template <class Arch>
TESSERA_INLINE void AddRowsImpl(const AddArgs& args) {
  if (args.added.data) return AddEach<Arch, true>(args);
  AddEach<Arch, false>(args);
}

}  // namespace
}  // namespace tessera::kernels

#endif  // TESSERA_KERNELS_NORM_NORM_IMPL_H_
