// Additive scores of a strip of queries with blocks of keys, by factoring the
// exponential:
//
//   tanh(q + x) = 1 - 2 / (1 + e^(2q) e^(2x))
//
// so that one exponential a query and one a key element do for all pairs: a
// pair costs an FMA, a reciprocal and an FMA (0.05 ns on Zen 5, AVX-512).
// Outside of +-kMostFactored the exponentials are NaN, which spreads to the
// scores, and those are computed again from tanh itself.
#ifndef TESSERA_KERNELS_ATTENTION_TILE_ADDITIVE_IMPL_H_
#define TESSERA_KERNELS_ATTENTION_TILE_ADDITIVE_IMPL_H_

#include <math.h>

#include "kernels/attention/tile/tile_impl.h"

namespace tessera::kernels {
namespace {

// e^(2 * 43) = 2e37 is finite, and so is its reciprocal.
inline constexpr float kMostFactored = 43.0f;
// Stands for all larger denominators: what it divides vanishes beside 1.
inline constexpr float kLargestDenominator = 1e30f;

// e^(2x), NaN where |x| > kMostFactored.
template <class Arch>
TESSERA_INLINE F32<Arch> ExpTwice(F32<Arch> x) {
  const F32<Arch> twice = x + x;
  const F32<Arch> most = Broadcast<Arch>(2 * kMostFactored);
  const F32<Arch> none =
      Broadcast<Arch>(std::numeric_limits<float>::quiet_NaN());
  const F32<Arch> e = Exp<Arch>(twice);
  return SelectLess(most, Max<Arch>(twice, Zero<Arch>() - twice), none, e);
}

// w / d for 1 <= d <= 1e30 to 2 units in the last place.
TESSERA_INLINE F32<Avx2> Quotient(F32<Avx2> w, F32<Avx2> d) { return w / d; }
#ifdef __AVX512F__
TESSERA_INLINE F32<Avx512> Quotient(F32<Avx512> w, F32<Avx512> d) {
  const F32<Avx512> y = F32<Avx512>(_mm512_rcp14_ps(d));
  // One Newton step: 2^-14 becomes 2^-28.
  const F32<Avx512> correction =
      _mm512_fnmadd_ps(d, y, Broadcast<Avx512>(2.0f));
  return w * (y * correction);
}
#endif

// The score by its definition, from the query and the key themselves.
inline float DirectScore(const AttentionTileArgs& a, std::size_t row,
                         std::size_t key) {
  const std::size_t first = row * a.query_stride;
  const float* block =
      BlockWords(a, a.raw_keys, a.key_block_bytes, key / kPositionsPerBlock);
  float score = 0.0f;
  for (std::size_t k = 0; k < a.key_width; ++k) {
    const float query =
        a.query_type == ElementType::kBf16
            ? ToFloat(static_cast<const Bf16*>(a.queries)[first + k])
            : static_cast<const float*>(a.queries)[first + k];
    score +=
        a.score_weights[k] *
        tanhf(query + block[k * kPositionsPerBlock + key % kPositionsPerBlock]);
  }
  return score;
}

// Scores sum_k w[k] - 2 w[k] / (1 + e^(2q[k]) e^(2x[k])).
struct AdditiveScores {
  using Words = F32Words;
  // Half of the accumulators of dot products: a pair needs three registers.
  static constexpr std::size_t kPairRegisters = 2;

  // The query as the tile reads it: e^(2q).
  template <class Arch>
  TESSERA_INLINE static void Prepare(const AttentionTileArgs& a,
                                     std::size_t row, float* prepared) {
    ReadQuery<Arch>(a, row, prepared, ExpTwice<Arch>);
  }
  template <class Arch>
  TESSERA_INLINE static F32<Arch> First(const AttentionTileArgs& a) {
    return Broadcast<Arch>(a.score_weight_sum);
  }
  template <class Arch>
  struct Step {
    F32<Arch> weight;

    TESSERA_INLINE Step(const AttentionTileArgs& a, std::size_t k)
        : weight(Broadcast<Arch>(-2.0f * a.score_weights[k])) {}
    TESSERA_INLINE F32<Arch> operator()(F32<Arch> query, F32<Arch> key,
                                        F32<Arch> sum) const {
      // Min passes a NaN in its second operand on.
      const F32<Arch> d = Min<Arch>(Broadcast<Arch>(kLargestDenominator),
                                    Fma(query, key, Broadcast<Arch>(1.0f)));
      return sum + Quotient(weight, d);
    }
  };
  template <class Arch>
  TESSERA_INLINE static void Write(const AttentionTileArgs& a, std::size_t row,
                                   std::size_t key, F32<Arch> sum,
                                   float* scores) {
    Store<Arch>(scores, sum);
    if (AnyNan(sum)) Repair(a, row, key, kLanes<Arch>, scores);
  }

  // Computes the scores that are NaN again.
  [[gnu::noinline]] static void Repair(const AttentionTileArgs& a,
                                       std::size_t row, std::size_t key,
                                       std::size_t count, float* scores) {
    for (std::size_t i = 0; i < count && key + i < a.stored; ++i) {
      if (scores[i] != scores[i]) scores[i] = DirectScore(a, row, key + i);
    }
  }
};

// e^(2x) of packed keys, element by element.
template <class Arch>
TESSERA_INLINE void AdditiveKeysImpl(const float* raw, std::size_t floats,
                                     float* keys) {
  for (std::size_t i = 0; i < floats; i += kLanes<Arch>) {
    Store<Arch>(keys + i, ExpTwice<Arch>(Load<Arch>(raw + i)));
  }
}

}  // namespace
}  // namespace tessera::kernels

#endif  // TESSERA_KERNELS_ATTENTION_TILE_ADDITIVE_IMPL_H_
