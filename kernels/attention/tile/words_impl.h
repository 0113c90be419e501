// What blocks are made of, 32-bit words, and how these are multiplied.
//
// A word is an f32, or a pair of bf16: two elements of a key, two positions of
// a value. A class Words says how a register of them is multiplied: as it is,
// or widened to f32, its even and then its odd halves, or whole (vdpbf16ps).
//   kNumbers           numbers in a word
//   kParts             words that a factor (a query, weights) has for each word
//   Prepare, Round     make these of a query, of weights
//   Part<kPart>        of a register, what word kPart of a factor multiplies
//   MultiplyAdd        factor * part + sum
//   Score              the score of a sum over all words of a key
#ifndef TESSERA_KERNELS_ATTENTION_TILE_WORDS_IMPL_H_
#define TESSERA_KERNELS_ATTENTION_TILE_WORDS_IMPL_H_

#include "kernels/attention/tile/strip_impl.h"

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

// Makes pairs of two positions that stand apart: of each word the even half is
// one's, the odd half the other's, wherever these stand in their own words.
template <class Arch>
class PairJoiner;

template <>
class PairJoiner<Avx2> {
 public:
  TESSERA_INLINE PairJoiner(bool even_is_odd, bool odd_is_odd)
      : right_(_mm_cvtsi32_si128(even_is_odd ? 16 : 0)),
        left_(_mm_cvtsi32_si128(odd_is_odd ? 0 : 16)) {}
  TESSERA_INLINE F32<Avx2> operator()(F32<Avx2> even, F32<Avx2> odd) const {
    return _mm256_castsi256_ps(_mm256_blend_epi16(
        _mm256_srl_epi32(_mm256_castps_si256(even), right_),
        _mm256_sll_epi32(_mm256_castps_si256(odd), left_), 0xaa));
  }

 private:
  __m128i right_, left_;  // how far each is shifted
};
#ifdef __AVX512BW__
template <>
class PairJoiner<Avx512> {
 public:
  TESSERA_INLINE PairJoiner(bool even_is_odd, bool odd_is_odd)
      : halves_(_mm512_or_si512(
            _mm512_setr_epi32(0x200000, 0x220002, 0x240004, 0x260006, 0x280008,
                              0x2a000a, 0x2c000c, 0x2e000e, 0x300010, 0x320012,
                              0x340014, 0x360016, 0x380018, 0x3a001a, 0x3c001c,
                              0x3e001e),
            _mm512_set1_epi32(static_cast<int>(even_is_odd) |
                              static_cast<int>(odd_is_odd) << 16))) {}
  TESSERA_INLINE F32<Avx512> operator()(F32<Avx512> even,
                                        F32<Avx512> odd) const {
    return _mm512_castsi512_ps(_mm512_permutex2var_epi16(
        _mm512_castps_si512(even), halves_, _mm512_castps_si512(odd)));
  }

 private:
  __m512i halves_;  // 16 bits each: 0 to 31 of `even`, 32 to 63 of `odd`
};
#endif

// map(query `row` in f32), filled up to whole words with zeros.
template <class Arch, class Map>
TESSERA_INLINE void ReadQuery(const AttentionTileArgs& a, std::size_t row,
                              float* query, Map&& map) {
  const std::size_t first = row * a.query_stride, width = a.query_width;
  const float* from = query;
  if (a.query_type == ElementType::kBf16) {
    const Bf16* const bf16 = static_cast<const Bf16*>(a.queries) + first;
    for (std::size_t k = 0; k < width; ++k) query[k] = ToFloat(bf16[k]);
  } else {
    from = static_cast<const float*>(a.queries) + first;
  }
  MapLanes<Arch>(width, [&](std::size_t k, auto lanes) {
    lanes.Store(query + k, map(lanes.Load(from + k)));
  });
  for (std::size_t k = width; k < a.key_width; ++k) query[k] = 0.0f;
}

struct F32Words {
  static constexpr std::size_t kNumbers = 1, kParts = 1;

  template <class Arch>
  TESSERA_INLINE static void Prepare(const AttentionTileArgs& a,
                                     std::size_t row, float* prepared) {
    const F32<Arch> scale = Broadcast<Arch>(a.scale);
    ReadQuery<Arch>(a, row, prepared,
                    [&](F32<Arch> query) { return query * scale; });
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
    return words;
  }
  template <class Arch>
  TESSERA_INLINE static F32<Arch> MultiplyAdd(F32<Arch> factor, F32<Arch> part,
                                              F32<Arch> sum) {
    return Fma(factor, part, sum);
  }
};

// Pairs widened to f32, exactly: the arithmetic of f32.
struct WidenedPairs : F32Words {
  static constexpr std::size_t kNumbers = 2, kParts = 2;

  template <std::size_t kPart, class Arch>
  TESSERA_INLINE static F32<Arch> Part(F32<Arch> words) {
    return kPart == 0 ? EvenHalves(words) : And(words, 0xffff0000u);
  }
  template <class Arch>
  TESSERA_INLINE static F32<Arch> MultiplyAdd(F32<Arch> factor, F32<Arch> part,
                                              F32<Arch> sum) {
    sum = Fma(factor, part, sum);
    KeepInRegister(sum);
    return sum;
  }
};

// Calls body.template operator()<part>() for each part of a factor.
template <class Words, class Body>
TESSERA_INLINE void ForParts(Body&& body) {
  body.template operator()<0>();
  if constexpr (Words::kParts == 2) body.template operator()<1>();
}

}  // namespace
}  // namespace tessera::kernels

#endif  // TESSERA_KERNELS_ATTENTION_TILE_WORDS_IMPL_H_
