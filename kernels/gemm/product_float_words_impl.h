// The 32-bit words that weights of products with sums of f32 are read in.
//
// A class Words says
//   kParts         inputs of x that a word is multiplied with, each as an f32
//   kInputs        inputs of x that a word stands for
//   Load<kPart>    what that part of registers of words is as factors
//   Input          a factor of x
//   MultiplyAdd    input * weights + sum
#ifndef TESSERA_KERNELS_GEMM_PRODUCT_FLOAT_WORDS_IMPL_H_
#define TESSERA_KERNELS_GEMM_PRODUCT_FLOAT_WORDS_IMPL_H_

#include <cstdint>
#include <cstring>

#include "kernels/simd.h"
#include "kernels/simd_ints.h"

namespace tessera::kernels {
namespace {

// One f32 a word.
template <class ArchOfWords>
struct F32Words {
  using Arch = ArchOfWords;
  static constexpr std::size_t kParts = 1, kInputs = 1;

  template <std::size_t kPart>
  TESSERA_INLINE static F32<Arch> Load(const float* words) {
    return kernels::Load<Arch>(words);
  }
  TESSERA_INLINE static F32<Arch> Input(const float* x) {
    return Broadcast<Arch>(*x);
  }
  TESSERA_INLINE static F32<Arch> MultiplyAdd(F32<Arch> input,
                                              F32<Arch> weights,
                                              F32<Arch> sum) {
    return Fma(input, weights, sum);
  }
};

// Two bf16 a word, widened: the first by a shift, the second by a mask. Words
// are loaded for each, because they would not fit the registers beside sums.
template <class ArchOfWords>
struct Bf16Words : F32Words<ArchOfWords> {
  using Arch = ArchOfWords;
  static constexpr std::size_t kParts = 2, kInputs = 2;

  template <std::size_t kPart>
  TESSERA_INLINE static F32<Arch> Load(const float* words) {
    const I32<Arch> bits = Bits(kernels::Load<Arch>(words));
    if constexpr (kPart == 0) return FromBits<Arch>(ShiftLeft<16>(bits));
    constexpr auto kSecond = static_cast<std::int32_t>(0xffff0000u);
    return FromBits<Arch>(AndInts(bits, BroadcastInts<Arch>(kSecond)));
  }
};

// Two bf16 a word, multiplied as they are by two of x.
#ifdef __AVX512BF16__
struct Bf16Pairs {
  using Arch = Avx512;
  static constexpr std::size_t kParts = 1, kInputs = 2;

  template <std::size_t kPart>
  TESSERA_INLINE static F32<Avx512> Load(const float* words) {
    return kernels::Load<Avx512>(words);
  }
  TESSERA_INLINE static F32<Avx512> Input(const float* x) {
    std::int32_t pair;
    std::memcpy(&pair, x, sizeof(pair));
    return FromBits<Avx512>(BroadcastInts<Avx512>(pair));
  }
  // By asm, as in dots_impl.h: GCC 12 moves and spills sums otherwise.
  TESSERA_INLINE static F32<Avx512> MultiplyAdd(F32<Avx512> input,
                                                F32<Avx512> weights,
                                                F32<Avx512> sum) {
    __m512 total = sum;
    __asm__("vdpbf16ps %2, %1, %0"
            : "+v"(total)
            : "v"(__m512(weights)), "v"(__m512(input)));
    return total;
  }
};
#endif

}  // namespace
}  // namespace tessera::kernels

#endif  // TESSERA_KERNELS_GEMM_PRODUCT_FLOAT_WORDS_IMPL_H_
