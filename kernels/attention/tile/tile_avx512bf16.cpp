// Attention tiles with bf16 keys and values for AVX-512 BF16.
#include "kernels/attention/tile/tile_impl.h"

namespace tessera::kernels {
namespace {

// Pairs multiplied as they are: queries and weights are rounded to bf16, sums
// are f32. Scores are scaled at the end, which keeps bf16 queries exact.
struct MultipliedPairs {
  static constexpr std::size_t kNumbers = 2, kParts = 1;

  template <class Arch>
  TESSERA_INLINE static void Prepare(const AttentionTileArgs& a,
                                     std::size_t row, float* query) {
    ReadQuery<Arch>(a, row, query, [](F32<Arch> x) { return x; });
    RoundToBf16(query, a.key_width, reinterpret_cast<Bf16*>(query));
  }
  template <class Arch>
  TESSERA_INLINE static F32<Arch> Score(F32<Arch> sum, float scale) {
    return sum * Broadcast<Arch>(scale);
  }
  // The words of position j and on stand at weights + j / 2.
  template <class Arch>
  TESSERA_INLINE static void Round(float* weights, std::size_t from,
                                   std::size_t to) {
    RoundToBf16(weights + from, to - from,
                reinterpret_cast<Bf16*>(weights) + from);
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
