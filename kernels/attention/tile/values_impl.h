// Weighted sums of values for a strip of queries.
#ifndef TESSERA_KERNELS_ATTENTION_TILE_VALUES_IMPL_H_
#define TESSERA_KERNELS_ATTENTION_TILE_VALUES_IMPL_H_

#include "kernels/attention/tile/strip_impl.h"

namespace tessera::kernels {
namespace {

// Where the sums of a strip go: row r, multiplied by factor[r], to
// data + r * stride.
template <std::size_t MR>
struct ValueOutput {
  float* data;
  std::size_t stride;
  float factor[MR];
};

template <std::size_t MR>
TESSERA_INLINE bool Sees(const AttentionTileArgs& a, const Strip& strip,
                         const Chunk<MR>& chunk, std::size_t r, std::size_t j) {
  if (j < chunk.begins[r] || j >= chunk.ends[r]) return false;
  return !a.allowed ||
         a.allowed[(strip.first + r) * a.allowed_stride + chunk.begin + j];
}

// sums[r] += weights[r][j] * values[j] for keys j in [from, to) of the chunk.
// kChecked: only where row r sees key j, since 0 * NaN is not 0.
template <bool kChecked, class Arch, std::size_t MR, std::size_t NV,
          class LoadV>
TESSERA_INLINE void AddValues(const AttentionTileArgs& a, const Strip& strip,
                              const Chunk<MR>& chunk, const float* weights,
                              std::size_t from, std::size_t to,
                              std::size_t column, LoadV load,
                              F32<Arch> (&sums)[MR][NV]) {
  for (std::size_t j = from; j < to;) {
    const std::size_t key = chunk.begin + j;
    const std::size_t lane = key % kBlock;
    const std::size_t run = Smaller(kBlock - lane, to - j);
    const float* value =
        ValueBlock(a, key / kBlock) + lane * a.value_row_stride + column;
    for (std::size_t i = 0; i < run; ++i, ++j, value += a.value_row_stride) {
      F32<Arch> v[NV];
      TESSERA_UNROLL
      for (std::size_t c = 0; c < NV; ++c) {
        v[c] = load(value + c * kLanes<Arch>);
      }
      TESSERA_UNROLL
      for (std::size_t r = 0; r < MR; ++r) {
        if (kChecked && !Sees(a, strip, chunk, r, j)) continue;
        const F32<Arch> w = Broadcast<Arch>(weights[r * kScoreStride + j]);
        TESSERA_UNROLL
        for (std::size_t c = 0; c < NV; ++c) {
          sums[r][c] = Fma(w, v[c], sums[r][c]);
        }
      }
    }
  }
}

// Columns [column, column + NV registers) of the strip's result: one chain of
// FMAs an output, in the order of keys, whatever MR and NV.
template <class Arch, std::size_t MR, std::size_t NV, class LoadV, class StoreV>
[[gnu::noinline]] void ValueTile(const AttentionTileArgs& a, const Strip& strip,
                                 const Chunk<MR>& chunk, const float* weights,
                                 std::size_t column, const ValueOutput<MR>& out,
                                 LoadV load, StoreV store) {
  F32<Arch> sums[MR][NV];
  TESSERA_UNROLL
  for (std::size_t r = 0; r < MR; ++r) {
    TESSERA_UNROLL
    for (std::size_t c = 0; c < NV; ++c) sums[r][c] = Zero<Arch>();
  }
  AddValues<true, Arch>(a, strip, chunk, weights, chunk.from, chunk.common_from,
                        column, load, sums);
  AddValues<false, Arch>(a, strip, chunk, weights, chunk.common_from,
                         chunk.common_to, column, load, sums);
  AddValues<true, Arch>(a, strip, chunk, weights, chunk.common_to, chunk.to,
                        column, load, sums);
  TESSERA_UNROLL
  for (std::size_t r = 0; r < MR; ++r) {
    const F32<Arch> factor = Broadcast<Arch>(out.factor[r]);
    TESSERA_UNROLL
    for (std::size_t c = 0; c < NV; ++c) {
      store(out.data + r * out.stride + column + c * kLanes<Arch>,
            sums[r][c] * factor);
    }
  }
}

// All columns: the widest tiles first, then narrower ones, then a part of one.
template <class Arch, std::size_t MR, std::size_t NV>
TESSERA_INLINE void ValueColumns(const AttentionTileArgs& a, const Strip& strip,
                                 const Chunk<MR>& chunk, const float* weights,
                                 const ValueOutput<MR>& out,
                                 std::size_t column) {
  constexpr std::size_t kWidth = NV * kLanes<Arch>;
  for (; column + kWidth <= a.value_width; column += kWidth) {
    ValueTile<Arch, MR, NV>(
        a, strip, chunk, weights, column, out,
        [](const float* p) { return Load<Arch>(p); },
        [](float* p, F32<Arch> v) { Store<Arch>(p, v); });
  }
  if constexpr (NV > 1) {
    ValueColumns<Arch, MR, NV / 2>(a, strip, chunk, weights, out, column);
  } else if (column < a.value_width) {
    const FirstLanes<Arch> first(a.value_width - column);
    ValueTile<Arch, MR, 1>(
        a, strip, chunk, weights, column, out,
        [first](const float* p) { return first.Load(p); },
        [first](float* p, F32<Arch> v) { first.Store(p, v); });
  }
}

// The sums of f32 values, for the classes of scores.
struct F32Values {
  template <class Arch, std::size_t MR>
  TESSERA_INLINE static void SumValues(const AttentionTileArgs& a,
                                       const Strip& strip,
                                       const Chunk<MR>& chunk,
                                       const float* weights,
                                       const ValueOutput<MR>& out) {
    ValueColumns<Arch, MR, WidestTile<Arch, MR>(1)>(a, strip, chunk, weights,
                                                    out, 0);
  }
};

}  // namespace
}  // namespace tessera::kernels

#endif  // TESSERA_KERNELS_ATTENTION_TILE_VALUES_IMPL_H_
