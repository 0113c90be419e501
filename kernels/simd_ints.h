// Registers of 32-bit integers, where kernels compute with small ones; included
// by ISA files only, as kernels/simd.h, whose rules hold here.
#ifndef TESSERA_KERNELS_SIMD_INTS_H_
#define TESSERA_KERNELS_SIMD_INTS_H_

#include <cstddef>
#include <cstdint>

#include "kernels/simd.h"

namespace tessera::kernels {
namespace {

template <class Arch>
struct IntsOf;
template <>
struct IntsOf<Avx2> {
  using type = __m256i;
};
// As many lanes as F32<Arch>.
template <class Arch>
using I32 = typename IntsOf<Arch>::type;

template <class Arch>
TESSERA_INLINE I32<Arch> ZeroInts();
template <>
TESSERA_INLINE __m256i ZeroInts<Avx2>() {
  return _mm256_setzero_si256();
}
template <class Arch>
TESSERA_INLINE I32<Arch> BroadcastInts(std::int32_t x);
template <>
TESSERA_INLINE __m256i BroadcastInts<Avx2>(std::int32_t x) {
  return _mm256_set1_epi32(x);
}

TESSERA_INLINE __m256i AddInts(__m256i a, __m256i b) {
  return _mm256_add_epi32(a, b);
}
TESSERA_INLINE __m256i SubtractInts(__m256i a, __m256i b) {
  return _mm256_sub_epi32(a, b);
}
TESSERA_INLINE __m256i AndInts(__m256i a, __m256i b) {
  return _mm256_and_si256(a, b);
}
template <int kBits>
TESSERA_INLINE __m256i ShiftLeft(__m256i v) {
  return _mm256_slli_epi32(v, kBits);
}
template <int kBits>
TESSERA_INLINE __m256i ShiftRight(__m256i v) {  // with the sign
  return _mm256_srai_epi32(v, kBits);
}
TESSERA_INLINE __m256i MaxInts(__m256i a, __m256i b) {
  return _mm256_max_epi32(a, b);
}
TESSERA_INLINE std::int32_t ReduceAddInts(__m256i v) {
  __m128i sum =
      _mm_add_epi32(_mm256_castsi256_si128(v), _mm256_extracti128_si256(v, 1));
  sum = _mm_add_epi32(sum, _mm_shuffle_epi32(sum, 0x4e));
  return _mm_cvtsi128_si32(_mm_add_epi32(sum, _mm_shuffle_epi32(sum, 0xb1)));
}

// The bits of floats, and floats of bits.
TESSERA_INLINE __m256i Bits(F32<Avx2> v) { return _mm256_castps_si256(v); }
template <class Arch>
TESSERA_INLINE F32<Arch> FromBits(I32<Arch> v);
template <>
TESSERA_INLINE F32<Avx2> FromBits<Avx2>(__m256i v) {
  return _mm256_castsi256_ps(v);
}

// To nearest, ties to even, both ways.
TESSERA_INLINE __m256i ToInts(F32<Avx2> v) { return _mm256_cvtps_epi32(v); }
template <class Arch>
TESSERA_INLINE F32<Arch> ToFloats(I32<Arch> v);
template <>
TESSERA_INLINE F32<Avx2> ToFloats<Avx2>(__m256i v) {
  return _mm256_cvtepi32_ps(v);
}

// All lanes in fewer bits, which they fit.
TESSERA_INLINE __m128i Narrow16(__m256i v) {
  return _mm_packs_epi32(_mm256_castsi256_si128(v),
                         _mm256_extracti128_si256(v, 1));
}
TESSERA_INLINE void StoreNarrow(std::int16_t* p, __m256i v) {
  _mm_storeu_si128(reinterpret_cast<__m128i*>(p), Narrow16(v));
}
TESSERA_INLINE void StoreNarrow(std::int8_t* p, __m256i v) {
  const __m128i words = Narrow16(v);
  _mm_storel_epi64(reinterpret_cast<__m128i*>(p),
                   _mm_packs_epi16(words, words));
}

#ifdef __AVX512F__
template <>
struct IntsOf<Avx512> {
  using type = __m512i;
};
template <>
TESSERA_INLINE __m512i ZeroInts<Avx512>() {
  return _mm512_setzero_si512();
}
template <>
TESSERA_INLINE __m512i BroadcastInts<Avx512>(std::int32_t x) {
  return _mm512_set1_epi32(x);
}
TESSERA_INLINE __m512i AddInts(__m512i a, __m512i b) {
  return _mm512_add_epi32(a, b);
}
TESSERA_INLINE __m512i SubtractInts(__m512i a, __m512i b) {
  return _mm512_sub_epi32(a, b);
}
TESSERA_INLINE __m512i AndInts(__m512i a, __m512i b) {
  return _mm512_and_si512(a, b);
}
template <int kBits>
TESSERA_INLINE __m512i ShiftLeft(__m512i v) {
  return _mm512_slli_epi32(v, kBits);
}
template <int kBits>
TESSERA_INLINE __m512i ShiftRight(__m512i v) {
  return _mm512_srai_epi32(v, kBits);
}
TESSERA_INLINE __m512i MaxInts(__m512i a, __m512i b) {
  return _mm512_max_epi32(a, b);
}
TESSERA_INLINE std::int32_t ReduceAddInts(__m512i v) {
  return ReduceAddInts(_mm256_add_epi32(_mm512_castsi512_si256(v),
                                        _mm512_extracti64x4_epi64(v, 1)));
}
TESSERA_INLINE __m512i Bits(F32<Avx512> v) { return _mm512_castps_si512(v); }
template <>
TESSERA_INLINE F32<Avx512> FromBits<Avx512>(__m512i v) {
  return _mm512_castsi512_ps(v);
}
TESSERA_INLINE __m512i ToInts(F32<Avx512> v) { return _mm512_cvtps_epi32(v); }
template <>
TESSERA_INLINE F32<Avx512> ToFloats<Avx512>(__m512i v) {
  return _mm512_cvtepi32_ps(v);
}
TESSERA_INLINE void StoreNarrow(std::int16_t* p, __m512i v) {
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(p), _mm512_cvtepi32_epi16(v));
}
TESSERA_INLINE void StoreNarrow(std::int8_t* p, __m512i v) {
  _mm_storeu_si128(reinterpret_cast<__m128i*>(p), _mm512_cvtepi32_epi8(v));
}
#endif  // __AVX512F__

}  // namespace
}  // namespace tessera::kernels

#endif  // TESSERA_KERNELS_SIMD_INTS_H_
