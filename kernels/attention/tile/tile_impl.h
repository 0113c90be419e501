// The SIMD body of attention tiles, once for every register width, score and
// type.
//
// Queries are cut into strips of up to 6 rows: 6 x 4 zmm (or 6 x 2 ymm) of
// accumulators fill the register file and hide the latency of 8 FMAs in flight.
// For each chunk of kChunkKeys keys, and each strip: scores, then exp and row
// sums, then the weighted sum of values. Scores of a strip (12 KB) stay in the
// first-level cache. On Zen 5, d = 64, 8 heads: 79, 85 and 83 % of the FMA peak
// at T = 128, 512 and 2,048 (bench/kernels/attention_bench). bf16 against that:
// at T = 512 widening takes the same time on AVX-512 and 1.1 times as long on
// AVX2, vdpbf16ps is 1.65 times as fast; one query over 512 keys is 1.9, 1.5
// and 2.1 times as fast.
#ifndef TESSERA_KERNELS_ATTENTION_TILE_TILE_IMPL_H_
#define TESSERA_KERNELS_ATTENTION_TILE_TILE_IMPL_H_

#include "kernels/attention/tile/scores_impl.h"
#include "kernels/attention/tile/values_impl.h"

namespace tessera::kernels {
namespace {

// Where a tile keeps its state: see TileLayout.
struct TileState {
  float *scores, *max, *sum, *queries, *out, *partial;
};

TESSERA_INLINE TileState LayOut(const AttentionTileArgs& a) {
  const TileLayout at = LayOutTile(a.key_width, a.value_width);
  return {a.scratch + at.scores,  a.scratch + at.max, a.scratch + at.sum,
          a.scratch + at.queries, a.scratch + at.out, a.scratch + at.partial};
}

// The largest score in [from, to), both multiples of 16. A chain for each
// register of a block: one is 1 to 2 % slower on AVX2 at T = 512; four gain
// nothing, since the rows of a strip overlap (WeighRows).
template <class Arch>
TESSERA_INLINE float RowMax(const float* scores, std::size_t from,
                            std::size_t to) {
  constexpr std::size_t kChains = kVectorsPerBlock<Arch>;
  F32<Arch> max[kChains];
  for (F32<Arch>& each : max) each = Broadcast<Arch>(kMinusInfinity);
  for (std::size_t i = from; i < to; i += kPositionsPerBlock) {
    for (std::size_t v = 0; v < kChains; ++v) {
      max[v] = Max<Arch>(max[v], Load<Arch>(scores + i + v * kLanes<Arch>));
    }
  }
  for (std::size_t v = 1; v < kChains; ++v) max[0] = Max<Arch>(max[0], max[v]);
  return ReduceMax(max[0]);
}

// Replaces scores by exp(score - max) and returns their sum. Two and four
// chains of sums measured the same: exp takes longer than the latency of one.
template <class Arch>
TESSERA_INLINE float ExpAndSum(float* scores, std::size_t from, std::size_t to,
                               float max) {
  const F32<Arch> shift = Broadcast<Arch>(max);
  F32<Arch> sum = Zero<Arch>();
  for (std::size_t i = from; i < to; i += kLanes<Arch>) {
    const F32<Arch> e = Exp<Arch>(Load<Arch>(scores + i) - shift);
    Store<Arch>(scores + i, e);
    sum = sum + e;
  }
  return ReduceAdd(sum);
}

template <class Arch>
TESSERA_INLINE void Rectify(float* scores, std::size_t from, std::size_t to) {
  for (std::size_t i = from; i < to; i += kLanes<Arch>) {
    Store<Arch>(scores + i, Max<Arch>(Zero<Arch>(), Load<Arch>(scores + i)));
  }
}

// e^x of one number, by the same arithmetic.
template <class Arch>
TESSERA_INLINE float ExpOf(float x) {
  return Exp<Arch>(Broadcast<Arch>(x)).get(0);
}

// A row whose scores are all -inf has no maximum to subtract.
TESSERA_INLINE float Shift(float max) {
  return max == kMinusInfinity ? 0.0f : max;
}

// What a row's weights come to: their maximum score, and their sum.
struct RowSum {
  float max;
  float sum;
};

// Turns the scores in [from, to) of a strip's rows into weights. All maxima
// come first: the latency of each is hidden behind the next, where exp would
// wait for it (row by row, T = 128, AVX-512: 4 % slower at d = 64, 8 % at 32).
template <class Arch, std::size_t MR>
TESSERA_INLINE void WeighRows(const AttentionTileArgs& a, float* scores,
                              std::size_t from, std::size_t to,
                              RowSum (&sums)[MR]) {
  if (a.normaliser == Normaliser::kRelu) {
    for (std::size_t r = 0; r < MR; ++r) {
      Rectify<Arch>(scores + r * kScoreStride, from, to);
      sums[r] = {0.0f, 1.0f};
    }
    return;
  }
  for (std::size_t r = 0; r < MR; ++r) {
    sums[r].max = RowMax<Arch>(scores + r * kScoreStride, from, to);
  }
  for (std::size_t r = 0; r < MR; ++r) {
    sums[r].sum = ExpAndSum<Arch>(scores + r * kScoreStride, from, to,
                                  Shift(sums[r].max));
  }
}

template <class Arch>
TESSERA_INLINE RowSum WeighRow(const AttentionTileArgs& a, float* scores,
                               std::size_t from, std::size_t to) {
  RowSum sums[1];
  WeighRows<Arch>(a, scores, from, to, sums);
  return sums[0];
}

// What the weighted values of a row are multiplied by in the end.
TESSERA_INLINE float Finish(const AttentionTileArgs& a, float sum) {
  if (a.normaliser == Normaliser::kRelu) return 1.0f;
  return sum == 0.0f ? 0.0f : 1.0f / sum;
}

// Computes one chunk for one strip: row sums into sums, weighted values times
// factor(row sum) into rows of `out`.
template <class Scores, class Arch, std::size_t MR, class Factor>
TESSERA_INLINE void ComputeChunk(const AttentionTileArgs& a,
                                 const TileState& state, const Strip& strip,
                                 const Chunk<MR>& chunk, RowSum (&sums)[MR],
                                 float* out, std::size_t stride,
                                 Factor&& factor) {
  ScoreChunk<Scores, Arch, MR>(a, state.queries + strip.first * a.key_width,
                               state.scores, strip, chunk);
  WeighRows<Arch>(a, state.scores, chunk.first_score(), chunk.end_score(),
                  sums);
  ValueOutput<MR> output = {out, stride, {}};
  for (std::size_t r = 0; r < MR; ++r) output.factor[r] = factor(sums[r]);
  using Words = typename Scores::Words;
  for (std::size_t r = 0; r < MR; ++r) {
    Words::template Round<Arch>(state.scores + r * kScoreStride,
                                chunk.first_score(), chunk.end_score());
  }
  if (a.places) {
    PlacedColumns<Words, Arch, MR, WidestTile<Arch, 1>(1)>(
        a, strip, chunk, state.scores, output, 0);
    return;
  }
  ValueColumns<Words, Arch, MR, WidestTile<Arch, MR>(1)>(
      a, strip, chunk, state.scores, output, 0);
}

// A tile of a single chunk: straight to the output.
template <class Scores, class Arch, std::size_t MR>
void OnlyChunk(const AttentionTileArgs& a, const TileState& state,
               const Strip& strip) {
  RowSum sums[MR];
  ComputeChunk<Scores, Arch, MR>(
      a, state, strip, MakeChunk<MR>(a, strip, a.first_chunk), sums,
      a.out + strip.first * a.out_stride, a.out_stride,
      [&](const RowSum& row) { return Finish(a, row.sum); });
  for (std::size_t r = 0; r < MR; ++r) {
    state.max[strip.first + r] = sums[r].max;
    state.sum[strip.first + r] = sums[r].sum;
  }
}

// Merges a chunk's result into a row's.
template <class Arch>
TESSERA_INLINE void MergeRow(const float* partial, std::size_t width,
                             float& max, float& sum, float* out) {
  const float* values = partial + 2;
  const float new_max = max < partial[0] ? partial[0] : max;
  const float decay = max == new_max ? 1.0f : ExpOf<Arch>(max - new_max);
  const float factor =
      partial[0] == new_max ? 1.0f : ExpOf<Arch>(partial[0] - new_max);
  max = new_max;
  sum = sum * decay + partial[1] * factor;
  const F32<Arch> old_factor = Broadcast<Arch>(decay);
  const F32<Arch> new_factor = Broadcast<Arch>(factor);
  MapLanes<Arch>(width, [&](std::size_t c, auto lanes) {
    lanes.Store(out + c, Fma(lanes.Load(values + c), new_factor,
                             lanes.Load(out + c) * old_factor));
  });
}

// One of several chunks: its result goes to the caller's partials, or is
// merged into the tile's state.
template <class Scores, class Arch, std::size_t MR>
void OneChunk(const AttentionTileArgs& a, const TileState& state,
              const Strip& strip, std::size_t index) {
  const Chunk<MR> chunk = MakeChunk<MR>(a, strip, index);
  const std::size_t stride = PartialFloats(a.value_width);
  if (!a.partials && chunk.to == 0) return;
  float* partial = a.partials
                       ? a.partials + (index * a.rows + strip.first) * stride
                       : state.partial;
  RowSum sums[MR];
  ComputeChunk<Scores, Arch, MR>(a, state, strip, chunk, sums, partial + 2,
                                 stride, [](const RowSum&) { return 1.0f; });
  for (std::size_t r = 0; r < MR; ++r, partial += stride) {
    const std::size_t row = strip.first + r;
    partial[0] = sums[r].max;
    partial[1] = sums[r].sum;
    if (a.partials) continue;
    MergeRow<Arch>(partial, a.value_width, state.max[row], state.sum[row],
                   state.out + row * a.value_width);
  }
}

// Turns the scores of a chunk into weights in the caller's, once max and sum
// are final.
template <class Arch, std::size_t MR>
TESSERA_INLINE void WriteWeights(const AttentionTileArgs& a,
                                 const TileState& state, const Strip& strip,
                                 const Chunk<MR>& chunk) {
  for (std::size_t r = 0; r < MR; ++r) {
    const std::size_t row = strip.first + r;
    const bool relu = a.normaliser == Normaliser::kRelu;
    const F32<Arch> finish = Broadcast<Arch>(Finish(a, state.sum[row]));
    const F32<Arch> shift = Broadcast<Arch>(Shift(state.max[row]));
    const float* scores = state.scores + r * kScoreStride + chunk.begins[r];
    float* weights = a.weights + row * a.weight_stride + chunk.begin;
    for (std::size_t j = 0; j < chunk.begins[r]; ++j) weights[j] = 0.0f;
    MapLanes<Arch>(
        chunk.ends[r] - chunk.begins[r], [&](std::size_t i, auto lanes) {
          const F32<Arch> score = lanes.Load(scores + i);
          lanes.Store(weights + chunk.begins[r] + i,
                      relu ? Max<Arch>(Zero<Arch>(), score)
                           : F32<Arch>(Exp<Arch>(score - shift) * finish));
        });
    const std::size_t here = Smaller(a.length - chunk.begin, kChunkKeys);
    for (std::size_t j = chunk.ends[r]; j < here; ++j) weights[j] = 0.0f;
  }
}

template <class Scores, class Arch, std::size_t MR>
void ChunkWeights(const AttentionTileArgs& a, const TileState& state,
                  const Strip& strip, std::size_t index) {
  const Chunk<MR> chunk = MakeChunk<MR>(a, strip, index);
  ScoreChunk<Scores, Arch, MR>(a, state.queries + strip.first * a.key_width,
                               state.scores, strip, chunk);
  WriteWeights<Arch>(a, state, strip, chunk);
}

// Calls body.template operator()<strip.count>(strip) for each strip of the
// tile.
template <class Body>
TESSERA_INLINE void ForStripsOf(const AttentionTileArgs& a, Body&& body) {
  ForStrips(a.rows, [&](const Strip& strip) TESSERA_INLINE_BODY {
    DispatchRows<kStripRows>(strip.count,
                             [&]<std::size_t MR>() TESSERA_INLINE_BODY {
                               body.template operator()<MR>(strip);
                             });
  });
}

// Rows that have seen nothing yet.
TESSERA_INLINE void Clear(const AttentionTileArgs& a, const TileState& state) {
  for (std::size_t r = 0; r < a.rows; ++r) {
    state.max[r] = kMinusInfinity;
    state.sum[r] = 0.0f;
  }
  __builtin_memset(state.out, 0, a.rows * a.value_width * sizeof(float));
}

template <class Arch>
TESSERA_INLINE void WriteScaled(const float* from, std::size_t width,
                                float factor, float* to) {
  const F32<Arch> f = Broadcast<Arch>(factor);
  MapLanes<Arch>(width, [&](std::size_t c, auto lanes) {
    lanes.Store(to + c, lanes.Load(from + c) * f);
  });
}

// Divides the merged rows by their sums, into the output.
template <class Arch>
TESSERA_INLINE void WriteMerged(const AttentionTileArgs& a,
                                const TileState& state) {
  for (std::size_t r = 0; r < a.rows; ++r) {
    WriteScaled<Arch>(state.out + r * a.value_width, a.value_width,
                      Finish(a, state.sum[r]), a.out + r * a.out_stride);
  }
}

template <class Scores, class Arch>
TESSERA_INLINE void AttentionTileImpl(const AttentionTileArgs& a) {
  const TileState state = LayOut(a);
  for (std::size_t r = 0; r < a.rows; ++r) {
    Scores::template Prepare<Arch>(a, r, state.queries + r * a.key_width);
  }
  if (!a.partials && a.end_chunk <= a.first_chunk + 1) {
    ForStripsOf(a, [&]<std::size_t MR>(const Strip& strip) {
      OnlyChunk<Scores, Arch, MR>(a, state, strip);
    });
  } else {
    if (!a.partials) Clear(a, state);
    for (std::size_t c = a.first_chunk; c < a.end_chunk; ++c) {
      ForStripsOf(a, [&]<std::size_t MR>(const Strip& strip) {
        OneChunk<Scores, Arch, MR>(a, state, strip, c);
      });
    }
    if (!a.partials) WriteMerged<Arch>(a, state);
  }
  if (!a.weights) return;
  for (std::size_t c = 0; c * kChunkKeys < a.length; ++c) {
    ForStripsOf(a, [&]<std::size_t MR>(const Strip& strip) {
      ChunkWeights<Scores, Arch, MR>(a, state, strip, c);
    });
  }
}

template <class Arch>
TESSERA_INLINE void AttentionMergeImpl(const AttentionTileArgs& a) {
  const TileState state = LayOut(a);
  const std::size_t stride = PartialFloats(a.value_width);
  Clear(a, state);
  for (std::size_t c = a.first_chunk; c < a.end_chunk; ++c) {
    for (std::size_t r = 0; r < a.rows; ++r) {
      MergeRow<Arch>(a.partials + (c * a.rows + r) * stride, a.value_width,
                     state.max[r], state.sum[r], state.out + r * a.value_width);
    }
  }
  WriteMerged<Arch>(a, state);
}

}  // namespace
}  // namespace tessera::kernels

#endif  // TESSERA_KERNELS_ATTENTION_TILE_TILE_IMPL_H_
