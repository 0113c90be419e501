// Scores of a strip of queries with blocks of keys.
#ifndef TESSERA_KERNELS_ATTENTION_TILE_SCORES_IMPL_H_
#define TESSERA_KERNELS_ATTENTION_TILE_SCORES_IMPL_H_

#include <type_traits>

#include "kernels/attention/tile/words_impl.h"

namespace tessera::kernels {
namespace {

// How a tile computes scores: scaled dot products. Other scores have a class
// with the same members.
template <class TheWords>
struct DotScores {
  using Words = TheWords;
  // Registers that a pair of query and key takes beside its accumulator.
  static constexpr std::size_t kPairRegisters = 1;

  // The query as the tile reads it, f32 [K].
  template <class Arch>
  TESSERA_INLINE static void Prepare(const AttentionTileArgs& a,
                                     std::size_t row, float* prepared) {
    Words::template Prepare<Arch>(a, row, prepared);
  }
  // What sums begin with.
  template <class Arch>
  TESSERA_INLINE static F32<Arch> First(const AttentionTileArgs& /*a*/) {
    return Zero<Arch>();
  }
  // Adds word k of the keys to the sums.
  template <class Arch>
  struct Step {
    TESSERA_INLINE Step(const AttentionTileArgs& /*a*/, std::size_t /*k*/) {}
    TESSERA_INLINE F32<Arch> operator()(F32<Arch> query, F32<Arch> key,
                                        F32<Arch> sum) const {
      return Words::template MultiplyAdd<Arch>(query, key, sum);
    }
  };
  // Writes the scores of a row with the keys from `key` on.
  template <class Arch>
  TESSERA_INLINE static void Write(const AttentionTileArgs& a,
                                   std::size_t /*row*/, std::size_t /*key*/,
                                   F32<Arch> sum, float* scores) {
    Store<Arch>(scores, Words::template Score<Arch>(sum, a.scale));
  }
};

// Scores of MR rows, the tile's `row` and on, with NB blocks. Each score is one
// chain over the words of a key, so that its bits do not depend on MR or NB.
template <class Scores, class Arch, std::size_t MR, std::size_t NB>
[[gnu::noinline]] void ScoreTile(const AttentionTileArgs& a,
                                 const float* queries, std::size_t row,
                                 std::size_t block, float* scores) {
  using Words = typename Scores::Words;
  constexpr std::size_t kVectors = NB * kVectorsPerBlock<Arch>;
  const float* keys[NB];
  TESSERA_UNROLL
  for (std::size_t b = 0; b < NB; ++b) {
    keys[b] = BlockWords(a, a.keys, a.key_block_bytes, block + b);
  }
  F32<Arch> sums[MR][kVectors];
  TESSERA_UNROLL
  for (std::size_t r = 0; r < MR; ++r) {
    TESSERA_UNROLL
    for (std::size_t v = 0; v < kVectors; ++v) {
      sums[r][v] = Scores::template First<Arch>(a);
    }
  }
  for (std::size_t k = 0; k < a.key_width / Words::kNumbers; ++k) {
    const typename Scores::template Step<Arch> add(a, k);
    ForParts<Words>([&]<std::size_t kPart>() TESSERA_INLINE_BODY {
      F32<Arch> key[kVectors];
      TESSERA_UNROLL
      for (std::size_t v = 0; v < kVectors; ++v) {
        key[v] = Words::template Part<kPart, Arch>(Load<Arch>(
            keys[v / kVectorsPerBlock<Arch>] + k * kPositionsPerBlock +
            v % kVectorsPerBlock<Arch> * kLanes<Arch>));
      }
      TESSERA_UNROLL
      for (std::size_t r = 0; r < MR; ++r) {
        const F32<Arch> query = Broadcast<Arch>(
            queries[r * a.key_width + k * Words::kParts + kPart]);
        TESSERA_UNROLL
        for (std::size_t v = 0; v < kVectors; ++v) {
          sums[r][v] = add(query, key[v], sums[r][v]);
        }
      }
    });
  }
  TESSERA_UNROLL
  for (std::size_t r = 0; r < MR; ++r) {
    TESSERA_UNROLL
    for (std::size_t v = 0; v < kVectors; ++v) {
      Scores::template Write<Arch>(
          a, row + r, block * kPositionsPerBlock + v * kLanes<Arch>, sums[r][v],
          scores + r * kScoreStride + v * kLanes<Arch>);
    }
  }
}

// Scores with blocks [block, end): the widest tiles first, then narrower ones.
template <class Scores, class Arch, std::size_t MR, std::size_t NB>
TESSERA_INLINE void ScoreBlocks(const AttentionTileArgs& a,
                                const float* queries, std::size_t row,
                                std::size_t block, std::size_t end,
                                float* scores) {
  for (; block + NB <= end; block += NB, scores += NB * kPositionsPerBlock) {
    ScoreTile<Scores, Arch, MR, NB>(a, queries, row, block, scores);
  }
  if constexpr (NB > 1) {
    ScoreBlocks<Scores, Arch, MR, NB / 2>(a, queries, row, block, end, scores);
  }
}

// Whether one row takes two blocks a tile instead of the most: where adjacent
// blocks of keys exceed the first-level cache, the prefetcher follows two
// streams of lines better than eight (Zen 5, AVX-512, 1 head, 512 keys: 79 to
// 83 instead of 71 % of the second level's bandwidth; 128 keys are 15 % slower
// this way, and 128 keys of 8 heads, blocks of 4 KiB 32 KiB apart, 6 %).
template <class Arch>
TESSERA_INLINE bool PrefersTwoStreams(const AttentionTileArgs& a,
                                      std::size_t blocks) {
  constexpr std::size_t kFirstLevelBytes = 48 * 1024;
  const std::size_t bytes = kPositionsPerBlock * a.key_width * sizeof(float);
  return kLanes<Arch> == 16 && a.key_block_bytes == bytes &&
         blocks * bytes > kFirstLevelBytes;
}

template <class Scores, class Arch, std::size_t MR>
TESSERA_INLINE void ScoreAllBlocks(const AttentionTileArgs& a,
                                   const float* queries, std::size_t row,
                                   std::size_t block, std::size_t end,
                                   float* scores) {
  constexpr std::size_t kWidest =
      WidestTile<Arch, MR>(Scores::kPairRegisters * kVectorsPerBlock<Arch>);
  if constexpr (MR == 1 && std::is_same_v<Scores, DotScores<F32Words>>) {
    if (PrefersTwoStreams<Arch>(a, end - block)) {
      ScoreBlocks<Scores, Arch, MR, 2>(a, queries, row, block, end, scores);
      return;
    }
  }
  ScoreBlocks<Scores, Arch, MR, kWidest>(a, queries, row, block, end, scores);
}

// Gives the scores in [from, to) of a row to no key.
template <class Arch>
TESSERA_INLINE void MaskScores(float* scores, std::size_t from,
                               std::size_t to) {
  if (from >= to) return;
  const F32<Arch> masked = Broadcast<Arch>(kMinusInfinity);
  MapLanes<Arch>(to - from, [&](std::size_t i, auto lanes) {
    lanes.Store(scores + from + i, masked);
  });
}

template <class Arch>
TESSERA_INLINE void AddBias(float* scores, const float* bias,
                            std::size_t count) {
  MapLanes<Arch>(count, [&](std::size_t i, auto lanes) {
    lanes.Store(scores + i, lanes.Load(scores + i) + lanes.Load(bias + i));
  });
}

// Adds biases to the scores of a chunk, in [first_score, end_score) of each
// row, and makes them -inf where the row may not look.
template <class Arch, std::size_t MR>
TESSERA_INLINE void LimitScores(const AttentionTileArgs& a, float* scores,
                                const Strip& strip, const Chunk<MR>& chunk) {
  const std::size_t first = chunk.first_score();
  const std::size_t end = chunk.end_score();
  for (std::size_t r = 0; r < MR; ++r) {
    float* row = scores + r * kScoreStride;
    MaskScores<Arch>(row, first, chunk.begins[r]);
    MaskScores<Arch>(row, Larger(first, chunk.ends[r]), end);
    if (a.bias) {
      const auto at = static_cast<std::ptrdiff_t>(strip.first + r);
      AddBias<Arch>(
          row + chunk.begins[r],
          a.bias + at * a.bias_stride +
              static_cast<std::ptrdiff_t>(chunk.begin + chunk.begins[r]),
          chunk.ends[r] - chunk.begins[r]);
    }
    if (a.allowed) {
      const std::uint8_t* allowed =
          a.allowed + (strip.first + r) * a.allowed_stride + chunk.begin;
      for (std::size_t j = chunk.begins[r]; j < chunk.ends[r]; ++j) {
        row[j] = allowed[j] ? row[j] : kMinusInfinity;
      }
    }
  }
}

// Where the keys of the tile's row r stand, from the chunk's first on.
template <std::size_t MR>
TESSERA_INLINE const std::int32_t* PlacesOf(const AttentionTileArgs& a,
                                            const Strip& strip,
                                            const Chunk<MR>& chunk,
                                            std::size_t r) {
  return a.places + (strip.first + r) * a.place_stride + chunk.begin;
}

// Whether a key of the chunk stands in the kChunkKeys places from `piece` on.
// Of longer caches a chunk needs one piece or two: places are given from the
// lowest on.
template <std::size_t MR>
TESSERA_INLINE bool NeedsPiece(const AttentionTileArgs& a, const Strip& strip,
                               const Chunk<MR>& chunk, std::size_t piece) {
  bool needs = a.stored <= kChunkKeys;
  for (std::size_t r = 0; r < MR && !needs; ++r) {
    const std::int32_t* const places = PlacesOf(a, strip, chunk, r);
    for (std::size_t j = chunk.begins[r]; j < chunk.ends[r]; ++j) {
      needs |= static_cast<std::size_t>(places[j]) - piece < kChunkKeys;
    }
  }
  return needs;
}

// Scores of all places at once, for all rows, then of each row its own, in the
// order of its keys.
template <class Scores, class Arch, std::size_t MR>
TESSERA_INLINE void ScorePlaces(const AttentionTileArgs& a,
                                const float* queries, float* scores,
                                const Strip& strip, const Chunk<MR>& chunk) {
  float* const placed =
      a.scratch + LayOutTile(a.key_width, a.value_width).placed;
  for (std::size_t piece = 0; piece < a.stored; piece += kChunkKeys) {
    if (!NeedsPiece(a, strip, chunk, piece)) continue;
    const std::size_t end = Smaller(piece + kChunkKeys, a.stored);
    ScoreAllBlocks<Scores, Arch, MR>(a, queries, strip.first,
                                     piece / kPositionsPerBlock, BlocksFor(end),
                                     placed);
    for (std::size_t r = 0; r < MR; ++r) {
      const std::int32_t* const places = PlacesOf(a, strip, chunk, r);
      for (std::size_t j = chunk.begins[r]; j < chunk.ends[r]; ++j) {
        const std::size_t at = static_cast<std::size_t>(places[j]) - piece;
        if (at >= kChunkKeys) continue;
        scores[r * kScoreStride + j] = placed[r * kScoreStride + at];
      }
    }
  }
}

template <class Scores, class Arch, std::size_t MR>
TESSERA_INLINE void ScoreChunk(const AttentionTileArgs& a, const float* queries,
                               float* scores, const Strip& strip,
                               const Chunk<MR>& chunk) {
  const std::size_t first = chunk.first_score();
  if (a.places) {
    ScorePlaces<Scores, Arch, MR>(a, queries, scores, strip, chunk);
  } else {
    ScoreAllBlocks<Scores, Arch, MR>(
        a, queries, strip.first, (chunk.begin + first) / kPositionsPerBlock,
        (chunk.begin + chunk.end_score()) / kPositionsPerBlock, scores + first);
  }
  LimitScores<Arch>(a, scores, strip, chunk);
}

}  // namespace
}  // namespace tessera::kernels

#endif  // TESSERA_KERNELS_ATTENTION_TILE_SCORES_IMPL_H_
