// Attention tiles with bf16 keys and values for AVX-512 BF16.
#include "kernels/attention/tile/tile_impl.h"

namespace tessera::kernels {
namespace {

// Pairs multiplied as they are: queries and weights are rounded to bf16, sums
// are f32. Scores are scaled at the end, which keeps bf16 queries exact.
struct MultipliedPairs {
  static constexpr std::size_t kNumbers = 2, kParts = 1;

  // 16 numbers in bf16.
  TESSERA_INLINE static __m256i Rounded(F32<Avx512> x) {
    return __builtin_bit_cast(__m256i, _mm512_cvtneps_pbh(x));
  }
  // bf16 queries are words already: making f32 of them first took 8 % of
  // attention over 16 to 64 positions.
  template <class Arch>
  TESSERA_INLINE static void Prepare(const AttentionTileArgs& a,
                                     std::size_t row, float* query) {
    const std::size_t first = row * a.query_stride, width = a.query_width;
    auto* const words = reinterpret_cast<std::uint16_t*>(query);
    if (a.query_type == ElementType::kBf16) {
      const Bf16* const from = static_cast<const Bf16*>(a.queries) + first;
      for (std::size_t k = 0; k < width; ++k) words[k] = from[k].bits;
    } else {
      const float* const from = static_cast<const float*>(a.queries) + first;
      ForLanes<Arch>(
          width,
          [&](std::size_t k) {
            _mm256_storeu_si256(reinterpret_cast<__m256i*>(words + k),
                                Rounded(Load<Arch>(from + k)));
          },
          [&](std::size_t k, FirstLanes<Arch> lanes) {
            _mm256_mask_storeu_epi16(words + k, lanes.mask,
                                     Rounded(lanes.Load(from + k)));
          });
    }
    for (std::size_t k = width; k < a.key_width; ++k) words[k] = 0;
  }
  template <class Arch>
  TESSERA_INLINE static F32<Arch> Score(F32<Arch> sum, float scale) {
    return sum * Broadcast<Arch>(scale);
  }
  // The words of position j and on stand at weights + j / 2.
  template <class Arch>
  TESSERA_INLINE static void Round(float* weights, std::size_t from,
                                   std::size_t to) {
    for (std::size_t j = from; j < to; j += kLanes<Arch>) {
      _mm256_storeu_si256(reinterpret_cast<__m256i*>(weights + j / 2),
                          Rounded(Load<Arch>(weights + j)));
    }
  }
  template <std::size_t kPart, class Arch>
  TESSERA_INLINE static F32<Arch> Part(F32<Arch> words) {
    return words;
  }
  template <class Arch>
  TESSERA_INLINE static F32<Arch> MultiplyAdd(F32<Arch> factor, F32<Arch> part,
                                              F32<Arch> sum) {
    return _mm512_dpbf16_ps(sum, __builtin_bit_cast(__m512bh, __m512(factor)),
                            __builtin_bit_cast(__m512bh, __m512(part)));
  }
};

}  // namespace

void Bf16TileAvx512Bf16(const AttentionTileArgs& args) noexcept {
  AttentionTileImpl<DotScores<MultipliedPairs>, Avx512>(args);
}

}  // namespace tessera::kernels
