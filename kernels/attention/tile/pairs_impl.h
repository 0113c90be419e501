// Pairs of bf16 numbers, and weighted sums of bf16 values for a strip.
//
// A 32-bit word holds a pair: two elements of a key, two positions of a value.
// A class Pairs says how a register of words is multiplied: widened to f32, its
// even and then its odd halves, or whole (vdpbf16ps).
//   kWords             words that a factor (a query, weights) has for each pair
//   Prepare, Round     make these words of a query, of weights
//   Part<kPart>        of a register, what word kPart of a factor multiplies
//   MultiplyAdd        factor * part + sum
//   Score              the score of a sum over all pairs
#ifndef TESSERA_KERNELS_ATTENTION_TILE_PAIRS_IMPL_H_
#define TESSERA_KERNELS_ATTENTION_TILE_PAIRS_IMPL_H_

#include "kernels/attention/tile/values_impl.h"

namespace tessera::kernels {
namespace {

TESSERA_INLINE F32<Avx2> EvenHalves(F32<Avx2> words) {
  return _mm256_castsi256_ps(_mm256_slli_epi32(_mm256_castps_si256(words), 16));
}
TESSERA_INLINE F32<Avx2> And(F32<Avx2> words, std::uint32_t mask) {
  return _mm256_and_ps(
      words,
      _mm256_castsi256_ps(_mm256_set1_epi32(static_cast<std::int32_t>(mask))));
}
// Pins an accumulator to its register: GCC 12 moves and spills those of AVX2
// between the halves of a pair otherwise (one query: 11 % slower; many: 2 %).
TESSERA_INLINE void KeepInRegister(F32<Avx2>& sum) {
  __asm__("" : "+x"(sum.data));
}
#ifdef __AVX512F__
TESSERA_INLINE void KeepInRegister(F32<Avx512>&) {}
TESSERA_INLINE F32<Avx512> EvenHalves(F32<Avx512> words) {
  return _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_castps_si512(words), 16));
}
TESSERA_INLINE F32<Avx512> And(F32<Avx512> words, std::uint32_t mask) {
  return _mm512_and_ps(
      words,
      _mm512_castsi512_ps(_mm512_set1_epi32(static_cast<std::int32_t>(mask))));
}
#endif

// Of a lambda: a loop body that must see its accumulators in registers.
#define TESSERA_INLINE_BODY __attribute__((always_inline))

inline constexpr std::uint32_t kEvenHalf = 0x0000ffffu;
inline constexpr std::uint32_t kOddHalf = 0xffff0000u;

// Pairs widened to f32, exactly: the arithmetic of f32 tiles.
struct WidenedPairs {
  static constexpr std::size_t kWords = 2;

  template <class Arch>
  TESSERA_INLINE static void Prepare(float* query, std::size_t width,
                                     float scale) {
    for (std::size_t k = 0; k < width; ++k) query[k] *= scale;
  }
  template <class Arch>
  TESSERA_INLINE static F32<Arch> Score(F32<Arch> sum, float /*scale*/) {
    return sum;
  }
  template <class Arch>
  TESSERA_INLINE static void Round(float* /*weights*/, std::size_t /*from*/,
                                   std::size_t /*to*/) {}
  template <std::size_t kPart, class Arch>
  TESSERA_INLINE static F32<Arch> Part(F32<Arch> words) {
    return kPart == 0 ? EvenHalves(words) : And(words, kOddHalf);
  }
  template <class Arch>
  TESSERA_INLINE static F32<Arch> MultiplyAdd(F32<Arch> factor, F32<Arch> part,
                                              F32<Arch> sum) {
    return Fma(factor, part, sum);
  }
};

// Calls body.template operator()<part>() for each factor word of a pair.
template <class Pairs, class Body>
TESSERA_INLINE void ForParts(Body&& body) {
  body.template operator()<0>();
  if constexpr (Pairs::kWords == 2) body.template operator()<1>();
}

// Where the values of a pair of positions start; key is even.
TESSERA_INLINE const float* ValueWords(const AttentionTileArgs& a,
                                       std::size_t key) {
  const Bf16* block =
      a.bf16.values + BlockNumber(a, key / kBlock) * a.value_block_stride;
  return reinterpret_cast<const float*>(block) +
         key % kBlock / 2 * a.value_width;
}

// sums[r] += weights[r][j] * values[j] for keys j in [from, to) of the chunk,
// both even. kChecked: only where row r sees key j, since 0 * NaN is not 0.
template <bool kChecked, class Pairs, class Arch, std::size_t MR,
          std::size_t NV, class LoadV>
TESSERA_INLINE void AddPairs(const AttentionTileArgs& a, const Strip& strip,
                             const Chunk<MR>& chunk, const float* weights,
                             std::size_t from, std::size_t to,
                             std::size_t column, LoadV load,
                             F32<Arch> (&sums)[MR][NV]) {
  for (std::size_t j = from; j < to;) {
    const float* words = ValueWords(a, chunk.begin + j) + column;
    const std::size_t run = Smaller(kBlock - j % kBlock, to - j);
    const float* factors = weights + j / 2 * Pairs::kWords;
    for (const std::size_t end = j + run; j < end;
         j += 2, words += a.value_width, factors += Pairs::kWords) {
      std::uint32_t seen[MR];
      for (std::size_t r = 0; r < MR && kChecked; ++r) {
        seen[r] = (Sees(a, strip, chunk, r, j) ? kEvenHalf : 0u) |
                  (Sees(a, strip, chunk, r, j + 1) ? kOddHalf : 0u);
      }
      ForParts<Pairs>([&]<std::size_t kPart>() TESSERA_INLINE_BODY {
        F32<Arch> v[NV];
        TESSERA_UNROLL
        for (std::size_t c = 0; c < NV && !kChecked; ++c) {
          v[c] =
              Pairs::template Part<kPart, Arch>(load(words + c * kLanes<Arch>));
        }
        TESSERA_UNROLL
        for (std::size_t r = 0; r < MR; ++r) {
          if (kChecked && seen[r] == 0) continue;
          const F32<Arch> w =
              Broadcast<Arch>(factors[r * kScoreStride + kPart]);
          TESSERA_UNROLL
          for (std::size_t c = 0; c < NV; ++c) {
            if constexpr (kChecked) {
              v[c] = Pairs::template Part<kPart, Arch>(
                  And(load(words + c * kLanes<Arch>), seen[r]));
            }
            sums[r][c] = Pairs::template MultiplyAdd<Arch>(w, v[c], sums[r][c]);
            KeepInRegister(sums[r][c]);
          }
        }
      });
    }
  }
}

// As ValueTile: one chain an output, in the order of keys. A pair that a row
// sees half of is checked in every cut into strips and tiles.
template <class Pairs, class Arch, std::size_t MR, std::size_t NV, class LoadV,
          class StoreV>
[[gnu::noinline]] void PairTile(const AttentionTileArgs& a, const Strip& strip,
                                const Chunk<MR>& chunk, const float* weights,
                                std::size_t column, const ValueOutput<MR>& out,
                                LoadV load, StoreV store) {
  F32<Arch> sums[MR][NV];
  TESSERA_UNROLL
  for (std::size_t r = 0; r < MR; ++r) {
    TESSERA_UNROLL
    for (std::size_t c = 0; c < NV; ++c) sums[r][c] = Zero<Arch>();
  }
  const std::size_t first = chunk.from / 2 * 2;
  const std::size_t end = (chunk.to + 1) / 2 * 2;
  const std::size_t common = (chunk.common_from + 1) / 2 * 2;
  const std::size_t common_end = Larger(common, chunk.common_to / 2 * 2);
  AddPairs<true, Pairs, Arch>(a, strip, chunk, weights, first, common, column,
                              load, sums);
  AddPairs<false, Pairs, Arch>(a, strip, chunk, weights, common, common_end,
                               column, load, sums);
  AddPairs<true, Pairs, Arch>(a, strip, chunk, weights, common_end, end, column,
                              load, sums);
  TESSERA_UNROLL
  for (std::size_t r = 0; r < MR; ++r) {
    const F32<Arch> factor = Broadcast<Arch>(out.factor[r]);
    TESSERA_UNROLL
    for (std::size_t c = 0; c < NV; ++c) {
      store(out.data + r * out.stride + column + c * kLanes<Arch>,
            sums[r][c] * factor);
    }
  }
}

// As ValueColumns.
template <class Pairs, class Arch, std::size_t MR, std::size_t NV>
TESSERA_INLINE void PairColumns(const AttentionTileArgs& a, const Strip& strip,
                                const Chunk<MR>& chunk, const float* weights,
                                const ValueOutput<MR>& out,
                                std::size_t column) {
  constexpr std::size_t kWidth = NV * kLanes<Arch>;
  for (; column + kWidth <= a.value_width; column += kWidth) {
    PairTile<Pairs, Arch, MR, NV>(
        a, strip, chunk, weights, column, out,
        [](const float* p) { return Load<Arch>(p); },
        [](float* p, F32<Arch> v) { Store<Arch>(p, v); });
  }
  if constexpr (NV > 1) {
    PairColumns<Pairs, Arch, MR, NV / 2>(a, strip, chunk, weights, out, column);
  } else if (column < a.value_width) {
    const FirstLanes<Arch> first(a.value_width - column);
    PairTile<Pairs, Arch, MR, 1>(
        a, strip, chunk, weights, column, out,
        [first](const float* p) { return first.Load(p); },
        [first](float* p, F32<Arch> v) { first.Store(p, v); });
  }
}

}  // namespace
}  // namespace tessera::kernels

#endif  // TESSERA_KERNELS_ATTENTION_TILE_PAIRS_IMPL_H_
