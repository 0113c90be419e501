// The SIMD body of AttentionTileBf16, once for every way to multiply pairs.
//
// Against f32 tiles on Zen 5, d = 64, 8 heads: at T = 512 widening takes the
// same time on AVX-512 and 1.1 times as long on AVX2, vdpbf16ps is 1.65 times
// as fast; one query over 512 keys is 1.9, 1.5 and 2.1 times as fast.
#ifndef TESSERA_KERNELS_ATTENTION_TILE_BF16_IMPL_H_
#define TESSERA_KERNELS_ATTENTION_TILE_BF16_IMPL_H_

#include "kernels/attention/tile/pairs_impl.h"
#include "kernels/attention/tile/tile_impl.h"

namespace tessera::kernels {
namespace {

TESSERA_INLINE const float* KeyWords(const AttentionTileArgs& a,
                                     std::size_t block) {
  return reinterpret_cast<const float*>(a.bf16.keys + BlockNumber(a, block) *
                                                          a.key_block_stride);
}

// Dot products with bf16 keys, and sums of bf16 values, for AttentionTileImpl.
template <class Pairs>
struct Bf16Scores {
  // The query in f32, filled up to an even width, then as Pairs wants it.
  template <class Arch>
  TESSERA_INLINE static void Prepare(const AttentionTileArgs& a,
                                     std::size_t row, float* prepared) {
    const std::size_t width = a.bf16.query_width;
    if (a.bf16.queries) {
      const Bf16* query = a.bf16.queries + row * a.query_stride;
      for (std::size_t k = 0; k < width; ++k) prepared[k] = ToFloat(query[k]);
    } else {
      const float* query = a.queries + row * a.query_stride;
      for (std::size_t k = 0; k < width; ++k) prepared[k] = query[k];
    }
    if (width < a.key_width) prepared[width] = 0.0f;
    Pairs::template Prepare<Arch>(prepared, a.key_width, a.scale);
  }

  template <class Arch, std::size_t MR>
  static constexpr std::size_t Widest() {
    return WidestTile<Arch, MR>(kVectorsPerBlock<Arch>);
  }

  // As DotScores::Tile: each score is one chain over k.
  template <class Arch, std::size_t MR, std::size_t NB>
  [[gnu::noinline]] static void Tile(const AttentionTileArgs& a,
                                     const float* queries, std::size_t /*row*/,
                                     std::size_t block, float* scores) {
    constexpr std::size_t kVectors = NB * kVectorsPerBlock<Arch>;
    const float* keys[NB];
    TESSERA_UNROLL
    for (std::size_t b = 0; b < NB; ++b) keys[b] = KeyWords(a, block + b);
    F32<Arch> sums[MR][kVectors];
    TESSERA_UNROLL
    for (std::size_t r = 0; r < MR; ++r) {
      TESSERA_UNROLL
      for (std::size_t v = 0; v < kVectors; ++v) sums[r][v] = Zero<Arch>();
    }
    for (std::size_t pair = 0; pair < a.key_width / 2; ++pair) {
      ForParts<Pairs>([&]<std::size_t kPart>() TESSERA_INLINE_BODY {
        F32<Arch> key[kVectors];
        TESSERA_UNROLL
        for (std::size_t v = 0; v < kVectors; ++v) {
          key[v] = Pairs::template Part<kPart, Arch>(
              Load<Arch>(keys[v / kVectorsPerBlock<Arch>] + pair * kBlock +
                         v % kVectorsPerBlock<Arch> * kLanes<Arch>));
        }
        TESSERA_UNROLL
        for (std::size_t r = 0; r < MR; ++r) {
          const F32<Arch> query = Broadcast<Arch>(
              queries[r * a.key_width + pair * Pairs::kWords + kPart]);
          TESSERA_UNROLL
          for (std::size_t v = 0; v < kVectors; ++v) {
            sums[r][v] =
                Pairs::template MultiplyAdd<Arch>(query, key[v], sums[r][v]);
            KeepInRegister(sums[r][v]);
          }
        }
      });
    }
    TESSERA_UNROLL
    for (std::size_t r = 0; r < MR; ++r) {
      TESSERA_UNROLL
      for (std::size_t v = 0; v < kVectors; ++v) {
        Store<Arch>(scores + r * kScoreStride + v * kLanes<Arch>,
                    Pairs::template Score<Arch>(sums[r][v], a.scale));
      }
    }
  }

  template <class Arch, std::size_t MR>
  TESSERA_INLINE static void SumValues(const AttentionTileArgs& a,
                                       const Strip& strip,
                                       const Chunk<MR>& chunk, float* weights,
                                       const ValueOutput<MR>& out) {
    for (std::size_t r = 0; r < MR; ++r) {
      Pairs::template Round<Arch>(weights + r * kScoreStride,
                                  chunk.first_score(), chunk.end_score());
    }
    PairColumns<Pairs, Arch, MR, WidestTile<Arch, MR>(1)>(a, strip, chunk,
                                                          weights, out, 0);
  }
};

}  // namespace
}  // namespace tessera::kernels

#endif  // TESSERA_KERNELS_ATTENTION_TILE_BF16_IMPL_H_
