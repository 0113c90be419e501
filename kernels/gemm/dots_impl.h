// Ways to multiply and add groups of small integers; included by ISA files only.
//
// Arch names the registers, kInner the inputs of a group, kOffset what Load()
// adds to every weight: kOffset times the sum of x comes off in the end.
#ifndef TESSERA_KERNELS_GEMM_DOTS_IMPL_H_
#define TESSERA_KERNELS_GEMM_DOTS_IMPL_H_

#include <cstddef>
#include <cstdint>

#include "kernels/simd.h"

namespace tessera::kernels {
namespace {

// Two products of 16 bits a lane: 16-bit sums of products of bytes (vpmaddubsw)
// would saturate. Weights are widened once for the rows of a strip.
struct PairsAvx2 {
  using Arch = Avx2;
  static constexpr std::size_t kInner = 2;
  static constexpr std::int32_t kOffset = 0;

  TESSERA_INLINE static __m256i Load(const std::int8_t* w) {
    return _mm256_cvtepi8_epi16(
        _mm_loadu_si128(reinterpret_cast<const __m128i*>(w)));
  }
  TESSERA_INLINE static __m256i Dot(__m256i sum, __m256i w, __m256i x) {
    __m256i pairs;
    __asm__(
        "vpmaddwd %3, %2, %1\n\t"
        "vpaddd %1, %0, %0"
        : "+x"(sum), "=&x"(pairs)
        : "x"(w), "x"(x));
    return sum;
  }
};

#ifdef __AVX512BW__
struct PairsAvx512 {
  using Arch = Avx512;
  static constexpr std::size_t kInner = 2;
  static constexpr std::int32_t kOffset = 0;

  TESSERA_INLINE static __m512i Load(const std::int8_t* w) {
    return _mm512_cvtepi8_epi16(
        _mm256_loadu_si256(reinterpret_cast<const __m256i*>(w)));
  }
  TESSERA_INLINE static __m512i Dot(__m512i sum, __m512i w, __m512i x) {
    __m512i pairs;
    __asm__(
        "vpmaddwd %3, %2, %1\n\t"
        "vpaddd %1, %0, %0"
        : "+v"(sum), "=&v"(pairs)
        : "v"(w), "v"(x));
    return sum;
  }
};
#endif

// Four products of bytes a lane, unsigned by signed: weights move to [0, 255].
#ifdef __AVXVNNI__
struct BytesAvxVnni {
  using Arch = Avx2;
  static constexpr std::size_t kInner = 4;
  static constexpr std::int32_t kOffset = 128;

  TESSERA_INLINE static __m256i Load(const std::int8_t* w) {
    return _mm256_xor_si256(
        _mm256_loadu_si256(reinterpret_cast<const __m256i*>(w)),
        _mm256_set1_epi8('\x80'));
  }
  TESSERA_INLINE static __m256i Dot(__m256i sum, __m256i w, __m256i x) {
    __asm__("%{vex%} vpdpbusd %2, %1, %0" : "+x"(sum) : "x"(w), "x"(x));
    return sum;
  }
};
#endif

#ifdef __AVX512VNNI__
struct BytesAvx512Vnni {
  using Arch = Avx512;
  static constexpr std::size_t kInner = 4;
  static constexpr std::int32_t kOffset = 128;

  TESSERA_INLINE static __m512i Load(const std::int8_t* w) {
    return _mm512_xor_si512(_mm512_loadu_si512(w), _mm512_set1_epi8('\x80'));
  }
  TESSERA_INLINE static __m512i Dot(__m512i sum, __m512i w, __m512i x) {
    __asm__("vpdpbusd %2, %1, %0" : "+v"(sum) : "v"(w), "v"(x));
    return sum;
  }
};
#endif

}  // namespace
}  // namespace tessera::kernels

#endif  // TESSERA_KERNELS_GEMM_DOTS_IMPL_H_
