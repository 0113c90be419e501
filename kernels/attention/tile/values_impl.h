// Weighted sums of values for a strip of queries.
#ifndef TESSERA_KERNELS_ATTENTION_TILE_VALUES_IMPL_H_
#define TESSERA_KERNELS_ATTENTION_TILE_VALUES_IMPL_H_

#include "kernels/attention/tile/scores_impl.h"

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

// The numbers of a word of values, from key j on, that row r sees: bits.
template <class Words, std::size_t MR>
TESSERA_INLINE std::uint32_t SeenBits(const AttentionTileArgs& a,
                                      const Strip& strip,
                                      const Chunk<MR>& chunk, std::size_t r,
                                      std::size_t j) {
  constexpr std::uint32_t kFirst = 0xffffffffu >> (32 - 32 / Words::kNumbers);
  std::uint32_t seen = 0;
  for (std::size_t i = 0; i < Words::kNumbers; ++i) {
    if (Sees(a, strip, chunk, r, j + i)) {
      seen |= kFirst << (i * 32 / Words::kNumbers);
    }
  }
  return seen;
}

// sums[r] += weights[r][j] * values[j] for keys j in [from, to) of the chunk,
// both at the beginning of words. kChecked: only where row r sees key j, since
// 0 * NaN is not 0.
template <bool kChecked, class Words, class Arch, std::size_t MR,
          std::size_t NV, class LoadV>
TESSERA_INLINE void AddValues(const AttentionTileArgs& a, const Strip& strip,
                              const Chunk<MR>& chunk, const float* weights,
                              std::size_t from, std::size_t to,
                              std::size_t column, LoadV load,
                              F32<Arch> (&sums)[MR][NV]) {
  // Words of which a row may see a part are masked for each row.
  constexpr bool kMasked = kChecked && Words::kNumbers > 1;
  for (std::size_t j = from; j < to;) {
    const std::size_t lane = j % kPositionsPerBlock;
    const std::size_t end = j + Smaller(kPositionsPerBlock - lane, to - j);
    const char* row = reinterpret_cast<const char*>(
                          BlockWords(a, a.values, a.value_block_bytes,
                                     (chunk.begin + j) / kPositionsPerBlock) +
                          column) +
                      lane / Words::kNumbers * a.value_row_bytes;
    const float* factors = weights + j / Words::kNumbers * Words::kParts;
    for (; j < end; j += Words::kNumbers, row += a.value_row_bytes,
                    factors += Words::kParts) {
      const auto* const words = reinterpret_cast<const float*>(row);
      std::uint32_t seen[MR];
      for (std::size_t r = 0; r < MR && kMasked; ++r) {
        seen[r] = SeenBits<Words>(a, strip, chunk, r, j);
      }
      ForParts<Words>([&]<std::size_t kPart>() TESSERA_INLINE_BODY {
        F32<Arch> v[NV];
        TESSERA_UNROLL
        for (std::size_t c = 0; c < NV && !kMasked; ++c) {
          v[c] =
              Words::template Part<kPart, Arch>(load(words + c * kLanes<Arch>));
        }
        TESSERA_UNROLL
        for (std::size_t r = 0; r < MR; ++r) {
          if (kMasked && seen[r] == 0) continue;
          // Asked here: kept for whole words, the answers cost causal rows 4 %.
          if (kChecked && !kMasked && !Sees(a, strip, chunk, r, j)) continue;
          const F32<Arch> w =
              Broadcast<Arch>(factors[r * kScoreStride + kPart]);
          TESSERA_UNROLL
          for (std::size_t c = 0; c < NV; ++c) {
            if constexpr (kMasked) {
              v[c] = Words::template Part<kPart, Arch>(
                  And(load(words + c * kLanes<Arch>), seen[r]));
            }
            sums[r][c] = Words::template MultiplyAdd<Arch>(w, v[c], sums[r][c]);
          }
        }
      });
    }
  }
}

// Columns [column, column + NV registers) of the strip's result: one chain of
// products an output, in the order of keys, whatever MR and NV. A word that a
// row sees a part of is checked in every cut into strips and tiles.
template <class Words, class Arch, std::size_t MR, std::size_t NV, class LoadV,
          class StoreV>
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
  constexpr std::size_t kStep = Words::kNumbers;
  const std::size_t first = chunk.from / kStep * kStep;
  const std::size_t end = RoundUp(chunk.to, kStep);
  const std::size_t common = RoundUp(chunk.common_from, kStep);
  const std::size_t common_end =
      Larger(common, chunk.common_to / kStep * kStep);
  AddValues<true, Words, Arch>(a, strip, chunk, weights, first, common, column,
                               load, sums);
  AddValues<false, Words, Arch>(a, strip, chunk, weights, common, common_end,
                                column, load, sums);
  AddValues<true, Words, Arch>(a, strip, chunk, weights, common_end, end,
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
template <class Words, class Arch, std::size_t MR, std::size_t NV>
TESSERA_INLINE void ValueColumns(const AttentionTileArgs& a, const Strip& strip,
                                 const Chunk<MR>& chunk, const float* weights,
                                 const ValueOutput<MR>& out,
                                 std::size_t column) {
  constexpr std::size_t kWidth = NV * kLanes<Arch>;
  for (; column + kWidth <= a.value_width; column += kWidth) {
    ValueTile<Words, Arch, MR, NV>(
        a, strip, chunk, weights, column, out,
        [](const float* p) { return Load<Arch>(p); },
        [](float* p, F32<Arch> v) { Store<Arch>(p, v); });
  }
  if constexpr (NV > 1) {
    ValueColumns<Words, Arch, MR, NV / 2>(a, strip, chunk, weights, out,
                                          column);
  } else if (column < a.value_width) {
    const FirstLanes<Arch> first(a.value_width - column);
    ValueTile<Words, Arch, MR, 1>(
        a, strip, chunk, weights, column, out,
        [first](const float* p) { return first.Load(p); },
        [first](float* p, F32<Arch> v) { first.Store(p, v); });
  }
}

// The words of columns from `column` on of the value at a place.
TESSERA_INLINE const float* PlacedWords(const AttentionTileArgs& a,
                                        std::size_t place, std::size_t numbers,
                                        std::size_t column) {
  const float* const block =
      BlockWords(a, a.values, a.value_block_bytes, place / kPositionsPerBlock);
  return reinterpret_cast<const float*>(
      reinterpret_cast<const char*>(block + column) +
      place % kPositionsPerBlock / numbers * a.value_row_bytes);
}

// The word of values of keys j and on, of which a row sees `seen`: numbers of
// theirs wherever they stand.
template <class Words, class Arch, std::size_t NV, class LoadV>
TESSERA_INLINE void LoadPlaced(const AttentionTileArgs& a,
                               const std::int32_t* places, std::size_t j,
                               std::uint32_t seen, std::size_t column,
                               LoadV load, F32<Arch> (&words)[NV]) {
  constexpr std::size_t kNumbers = Words::kNumbers;
  // Of a key that is not seen, which may not exist, there is the other's value.
  const auto even =
      static_cast<std::size_t>(places[kNumbers == 1 || seen & 1 ? j : j + 1]);
  const float* const row = PlacedWords(a, even, kNumbers, column);
  if constexpr (kNumbers == 1) {
    TESSERA_UNROLL
    for (std::size_t c = 0; c < NV; ++c) {
      words[c] = load(row + c * kLanes<Arch>);
    }
  } else {
    const auto odd = static_cast<std::size_t>(places[seen >> 31 ? j + 1 : j]);
    const float* const other = PlacedWords(a, odd, kNumbers, column);
    const PairJoiner<Arch> join(even % 2 == 1, odd % 2 == 1);
    TESSERA_UNROLL
    for (std::size_t c = 0; c < NV; ++c) {
      words[c] =
          join(load(row + c * kLanes<Arch>), load(other + c * kLanes<Arch>));
    }
    if (seen == 0xffffffffu) return;
    TESSERA_UNROLL
    for (std::size_t c = 0; c < NV; ++c) words[c] = And(words[c], seen);
  }
}

// Columns of the result of row r of a strip, whose keys have places of their
// own: the same chain of products.
template <class Words, class Arch, std::size_t MR, std::size_t NV, class LoadV,
          class StoreV>
TESSERA_INLINE void PlacedTile(const AttentionTileArgs& a, const Strip& strip,
                               const Chunk<MR>& chunk, const float* weights,
                               std::size_t r, std::size_t column,
                               const ValueOutput<MR>& out, LoadV load,
                               StoreV store) {
  constexpr std::size_t kStep = Words::kNumbers;
  const std::int32_t* const places = PlacesOf(a, strip, chunk, r);
  const float* const factors = weights + r * kScoreStride;
  F32<Arch> sums[NV];
  TESSERA_UNROLL
  for (std::size_t c = 0; c < NV; ++c) sums[c] = Zero<Arch>();
  for (std::size_t j = chunk.begins[r] / kStep * kStep; j < chunk.ends[r];
       j += kStep) {
    const std::uint32_t seen = SeenBits<Words>(a, strip, chunk, r, j);
    if (seen == 0) continue;
    F32<Arch> words[NV];
    LoadPlaced<Words, Arch>(a, places, j, seen, column, load, words);
    ForParts<Words>([&]<std::size_t kPart>() TESSERA_INLINE_BODY {
      const F32<Arch> w =
          Broadcast<Arch>(factors[j / kStep * Words::kParts + kPart]);
      TESSERA_UNROLL
      for (std::size_t c = 0; c < NV; ++c) {
        sums[c] = Words::template MultiplyAdd<Arch>(
            w, Words::template Part<kPart, Arch>(words[c]), sums[c]);
      }
    });
  }
  const F32<Arch> factor = Broadcast<Arch>(out.factor[r]);
  TESSERA_UNROLL
  for (std::size_t c = 0; c < NV; ++c) {
    store(out.data + r * out.stride + column + c * kLanes<Arch>,
          sums[c] * factor);
  }
}

// All columns of all rows, as ValueColumns.
template <class Words, class Arch, std::size_t MR, std::size_t NV>
[[gnu::noinline]] void PlacedColumns(const AttentionTileArgs& a,
                                     const Strip& strip, const Chunk<MR>& chunk,
                                     const float* weights,
                                     const ValueOutput<MR>& out,
                                     std::size_t column) {
  constexpr std::size_t kWidth = NV * kLanes<Arch>;
  for (; column + kWidth <= a.value_width; column += kWidth) {
    for (std::size_t r = 0; r < MR; ++r) {
      PlacedTile<Words, Arch, MR, NV>(
          a, strip, chunk, weights, r, column, out,
          [](const float* p) { return Load<Arch>(p); },
          [](float* p, F32<Arch> v) { Store<Arch>(p, v); });
    }
  }
  if constexpr (NV > 1) {
    PlacedColumns<Words, Arch, MR, NV / 2>(a, strip, chunk, weights, out,
                                           column);
  } else if (column < a.value_width) {
    const FirstLanes<Arch> first(a.value_width - column);
    for (std::size_t r = 0; r < MR; ++r) {
      PlacedTile<Words, Arch, MR, 1>(
          a, strip, chunk, weights, r, column, out,
          [first](const float* p) { return first.Load(p); },
          [first](float* p, F32<Arch> v) { first.Store(p, v); });
    }
  }
}

}  // namespace
}  // namespace tessera::kernels

#endif  // TESSERA_KERNELS_ATTENTION_TILE_VALUES_IMPL_H_
