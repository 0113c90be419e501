// The body of bf16 attention tiles on tile registers, once for AMX and for its
// emulation in tests.
//
// Groups of up to 32 rows: their scores with a chunk of keys as tile products,
// then row by row the masks, exp and sums of the other kernels, weights rounded
// to bf16, and their products with values. A row's bits depend neither on the
// rows beside it nor on where its group begins: keys are cut into steps at
// multiples of 32, and what a row does not see adds zeros.
//
// Scores are scaled at the end, which keeps bf16 queries exact.
#ifndef TESSERA_KERNELS_ATTENTION_TILE_AMX_IMPL_H_
#define TESSERA_KERNELS_ATTENTION_TILE_AMX_IMPL_H_

#include "kernels/attention/tile/amx_operands_impl.h"

namespace tessera::kernels {
namespace {

// Turns a row of products of queries and keys into scores.
template <class Arch>
TESSERA_INLINE void FinishScores(const AttentionTileArgs& a, float* scores,
                                 const Strip& strip, const Chunk<1>& chunk) {
  const F32<Arch> scale = Broadcast<Arch>(a.scale);
  for (std::size_t i = chunk.first_score(); i < chunk.end_score();
       i += kLanes<Arch>) {
    Store<Arch>(scores + i, Load<Arch>(scores + i) * scale);
  }
  LimitScores<Arch>(a, scores, strip, chunk);
}

template <class Tiles>
TESSERA_INLINE void MultiplyRows(Tiles& tiles, std::size_t rows,
                                 const TileProduct& product) {
  if (rows > kSide) {
    Multiply<true>(tiles, product);
  } else {
    Multiply<false>(tiles, product);
  }
}

// Products of a group's queries with the blocks that it reaches, two at a time.
// Where one of the two is not reached, the other stands in for it.
template <class Tiles>
TESSERA_INLINE void MultiplyKeys(Tiles& tiles, const AttentionTileArgs& a,
                                 const AmxState& s, const Strip& group,
                                 std::size_t index, const Reach& reach) {
  const std::size_t first = reach.first_block(), end = reach.end_block();
  for (std::size_t b = first / 2 * 2; b < end; b += 2) {
    const std::size_t left = Larger(b, first);
    const std::size_t right = Smaller(b + 1, end - 1);
    MultiplyRows(
        tiles, group.count,
        {.a = s.queries + group.first * s.key_width,
         .a_stride = s.key_width * sizeof(Bf16),
         .b = {KeyTiles(a, s, index, left), KeyTiles(a, s, index, right)},
         .b_step = kTileBf16,
         .steps = s.key_width / kRowBf16,
         .c = s.scores + b * kPositionsPerBlock,
         .c_stride = kScoreStride});
  }
}

TESSERA_INLINE void ClearWeights(Bf16* weights, std::size_t from,
                                 std::size_t to) {
  if (from == to) return;
  __builtin_memset(weights + from, 0, (to - from) * sizeof(Bf16));
}

// Turns a row of products into weights: bf16, from the front of its scores,
// zero wherever the group reaches and the row does not see.
template <class Tiles, class Arch>
TESSERA_INLINE RowSum WeighProducts(const AttentionTileArgs& a, float* scores,
                                    std::size_t row, std::size_t index,
                                    const Reach& reach) {
  const Strip strip = {row, 1};
  const Chunk<1> chunk = MakeChunk<1>(a, strip, index);
  FinishScores<Arch>(a, scores, strip, chunk);
  const RowSum sum =
      WeighRow<Arch>(a, scores, chunk.first_score(), chunk.end_score());
  const std::size_t from = reach.first_step() * kStepKeys;
  const std::size_t to = reach.end_step() * kStepKeys;
  const std::size_t first = Larger(from, chunk.first_score());
  const std::size_t end = Larger(first, chunk.end_score());
  auto* const weights = reinterpret_cast<Bf16*>(scores);
  Tiles::Round(scores + first, end - first, weights + first);
  ClearWeights(weights, from, first);
  ClearWeights(weights, end, to);
  return sum;
}

// Adds the values that tiles have zeros for to the rows that see them.
[[gnu::noinline]] inline void AddLeftOut(const AttentionTileArgs& a,
                                         const AmxState& s, const Strip& group,
                                         std::size_t index) {
  for (std::size_t j = 0; j < kChunkKeys; ++j) {
    const std::size_t pair = j / kTilePairs;
    if (!(s.left_out.pairs[pair / 64] >> (pair % 64) & 1)) continue;
    const Bf16* const words =
        CachedValues(a, index, j / kPositionsPerBlock) +
        j % kPositionsPerBlock / kTilePairs * kTilePairs * a.value_width +
        j % kTilePairs;
    for (std::size_t r = 0; r < group.count; ++r) {
      const Strip strip = {group.first + r, 1};
      if (!Sees(a, strip, MakeChunk<1>(a, strip, index), 0, j)) continue;
      Bf16 weight;
      __builtin_memcpy(
          &weight,
          reinterpret_cast<const char*>(s.scores + r * kScoreStride) +
              j * sizeof(Bf16),
          sizeof(weight));
      for (std::size_t c = 0; c < a.value_width; ++c) {
        const Bf16 value = words[c * kTilePairs];
        if (IsFinite(value)) continue;
        s.sums[r * s.value_width + c] += ToFloat(weight) * ToFloat(value);
      }
    }
  }
}

template <class Tiles>
TESSERA_INLINE void MultiplyValues(Tiles& tiles, const AttentionTileArgs& a,
                                   const AmxState& s, const Strip& group,
                                   std::size_t index, const Reach& reach) {
  const std::size_t first = reach.first_step();
  const std::size_t step = kStepKeys * s.value_width;
  for (std::size_t c = 0; c < s.value_width; c += 2 * kSide) {
    const Bf16* const values = s.values + first * step + c * kRowBf16;
    MultiplyRows(
        tiles, group.count,
        {.a = reinterpret_cast<const Bf16*>(s.scores) + first * kStepKeys,
         .a_stride = kScoreStride * sizeof(float),
         .b = {values, values + kTileBf16},
         .b_step = step,
         .steps = reach.end_step() - first,
         .c = s.sums + c,
         .c_stride = s.value_width});
  }
  if (s.left_out.any) AddLeftOut(a, s, group, index);
}

// The result of a row of a group: to the output, to the caller's partials, or
// merged into the tile's state.
template <class Arch>
TESSERA_INLINE void FinishRow(const AttentionTileArgs& a, const AmxState& s,
                              std::size_t r, std::size_t row, std::size_t index,
                              const RowSum& sum) {
  const float* const sums = s.sums + r * s.value_width;
  if (!a.partials && a.end_chunk <= a.first_chunk + 1) {
    s.tile.max[row] = sum.max;
    s.tile.sum[row] = sum.sum;
    WriteScaled<Arch>(sums, a.value_width, Finish(a, sum.sum),
                      a.out + row * a.out_stride);
    return;
  }
  const std::size_t stride = PartialFloats(a.value_width);
  float* const partial = a.partials
                             ? a.partials + (index * a.rows + row) * stride
                             : s.tile.partial;
  partial[0] = sum.max;
  partial[1] = sum.sum;
  WriteScaled<Arch>(sums, a.value_width, 1.0f, partial + 2);
  if (a.partials) return;
  MergeRow<Arch>(partial, a.value_width, s.tile.max[row], s.tile.sum[row],
                 s.tile.out + row * a.value_width);
}

// Calls body(group) for each group of rows.
template <class Body>
TESSERA_INLINE void ForGroups(std::size_t rows, Body&& body) {
  for (std::size_t first = 0; first < rows; first += kGroupRows) {
    body(Strip{first, Smaller(kGroupRows, rows - first)});
  }
}

template <class Tiles, class Arch>
TESSERA_INLINE void ComputeAmxChunk(Tiles& tiles, const AttentionTileArgs& a,
                                    AmxState& s, std::size_t index) {
  const Reach reach = ReachOf(a, {0, a.rows}, index);
  PackKeyTiles(a, s, index, reach);
  PackValueTiles<Arch>(a, s, index, reach);
  ForGroups(a.rows, [&](const Strip& group) {
    const Reach seen = ReachOf(a, group, index);
    MultiplyKeys(tiles, a, s, group, index, seen);
    RowSum sums[kGroupRows];
    for (std::size_t r = 0; r < group.count; ++r) {
      sums[r] = WeighProducts<Tiles, Arch>(a, s.scores + r * kScoreStride,
                                           group.first + r, index, seen);
    }
    MultiplyValues(tiles, a, s, group, index, seen);
    for (std::size_t r = 0; r < group.count; ++r) {
      FinishRow<Arch>(a, s, r, group.first + r, index, sums[r]);
    }
  });
}

// Writes the weights of a chunk, once maxima and sums are final.
template <class Tiles, class Arch>
TESSERA_INLINE void WriteAmxWeights(Tiles& tiles, const AttentionTileArgs& a,
                                    const AmxState& s, std::size_t index) {
  PackKeyTiles(a, s, index, ReachOf(a, {0, a.rows}, index));
  ForGroups(a.rows, [&](const Strip& group) {
    MultiplyKeys(tiles, a, s, group, index, ReachOf(a, group, index));
    TileState tile = s.tile;
    for (std::size_t r = 0; r < group.count; ++r) {
      tile.scores = s.scores + r * kScoreStride;
      const Strip strip = {group.first + r, 1};
      const Chunk<1> chunk = MakeChunk<1>(a, strip, index);
      FinishScores<Arch>(a, tile.scores, strip, chunk);
      WriteWeights<Arch>(a, tile, strip, chunk);
    }
  });
}

template <class Tiles, class Arch>
TESSERA_INLINE void AttentionTileAmxImpl(const AttentionTileArgs& a) {
  AmxState s = LayOutAmx(a);
  PrepareQueries<Tiles>(a, s);
  Tiles tiles;
  if (!a.partials && a.end_chunk <= a.first_chunk + 1) {
    ComputeAmxChunk<Tiles, Arch>(tiles, a, s, a.first_chunk);
  } else {
    if (!a.partials) Clear(a, s.tile);
    for (std::size_t c = a.first_chunk; c < a.end_chunk; ++c) {
      ComputeAmxChunk<Tiles, Arch>(tiles, a, s, c);
    }
    if (!a.partials) WriteMerged<Arch>(a, s.tile);
  }
  if (!a.weights) return;
  for (std::size_t c = 0; c * kChunkKeys < a.length; ++c) {
    WriteAmxWeights<Tiles, Arch>(tiles, a, s, c);
  }
}

}  // namespace
}  // namespace tessera::kernels

#endif  // TESSERA_KERNELS_ATTENTION_TILE_AMX_IMPL_H_
