// Queries, keys and values as whole bf16 tiles, for AMX.
//
// A block of keys is a row of B tiles as it lies in the cache if K is a
// multiple of 32; it is copied and filled up with zeros otherwise. Values are
// always copied: a block has 8 pairs of positions, and a product of half-filled
// tiles takes the time of a whole one. By count, at d = 64 and for 96 rows: 32
// stores of 64 bytes a block, against 192 cycles for products that are half
// empty.
#ifndef TESSERA_KERNELS_ATTENTION_TILE_AMX_OPERANDS_IMPL_H_
#define TESSERA_KERNELS_ATTENTION_TILE_AMX_OPERANDS_IMPL_H_

#include "kernels/attention/tile/amx_tiles_impl.h"
#include "kernels/attention/tile/tile_impl.h"

namespace tessera::kernels {
namespace {

static_assert(kGroupRows == 2 * kSide, "two tiles of rows");
static_assert(kAmxWidth == kRowBf16 && kAmxWidth == 2 * kSide);

inline constexpr std::size_t kStepKeys = kRowBf16;  // a step of values

// Values that are not finite. Tiles have zeros instead of them, because
// 0 * NaN is not 0: they are added to the rows that see them, one by one.
struct LeftOut {
  bool any;
  std::uint64_t pairs[kChunkKeys / kTilePairs / 64];  // of positions; bits
};

// Where a tile of attention keeps its state: see AmxLayout.
struct AmxState {
  float *scores, *sums;
  Bf16 *queries, *keys, *values;
  TileState tile;           // what the other kernels have, of f32 rows
  std::size_t key_width;    // K'
  std::size_t value_width;  // C'
  LeftOut left_out;
};

TESSERA_INLINE AmxState LayOutAmx(const AttentionTileArgs& a) {
  const AmxLayout at = LayOutAmxTile(a.key_width, a.value_width);
  const auto bf16 = [&](std::size_t floats) {
    return reinterpret_cast<Bf16*>(a.scratch + floats);
  };
  return {.scores = a.scratch + at.scores,
          .sums = a.scratch + at.sums,
          .queries = bf16(at.queries),
          .keys = bf16(at.keys),
          .values = bf16(at.values),
          .tile = {.scores = a.scratch + at.scores,
                   .max = a.scratch + at.max,
                   .sum = a.scratch + at.sum,
                   .queries = nullptr,  // in bf16 above
                   .out = a.scratch + at.out,
                   .partial = a.scratch + at.partial},
          .key_width = at.key_width,
          .value_width = at.value_width,
          .left_out = {}};
}

// Queries in bf16, zeros behind their ends and in rows up to a whole tile.
template <class Tiles>
TESSERA_INLINE void PrepareQueries(const AttentionTileArgs& a,
                                   const AmxState& s) {
  const std::size_t width = a.query_width;
  const std::size_t rows = RoundUp(a.rows, kSide);
  __builtin_memset(s.queries, 0, rows * s.key_width * sizeof(Bf16));
  for (std::size_t r = 0; r < a.rows; ++r) {
    Bf16* const to = s.queries + r * s.key_width;
    const std::size_t first = r * a.query_stride;
    if (a.query_type == ElementType::kBf16) {
      __builtin_memcpy(to, static_cast<const Bf16*>(a.queries) + first,
                       width * sizeof(Bf16));
    } else {
      Tiles::Round(static_cast<const float*>(a.queries) + first, width, to);
    }
  }
}

// Keys [from, to) of a chunk, counted from its first; empty: 0, 0.
struct Reach {
  std::size_t from, to;

  TESSERA_INLINE std::size_t first_block() const {
    return from / kPositionsPerBlock;
  }
  TESSERA_INLINE std::size_t end_block() const { return BlocksFor(to); }
  // Whole steps of values around them.
  TESSERA_INLINE std::size_t first_step() const { return from / kStepKeys; }
  TESSERA_INLINE std::size_t end_step() const {
    return (to + kStepKeys - 1) / kStepKeys;
  }
};

// What some row of a strip sees of a chunk.
TESSERA_INLINE Reach ReachOf(const AttentionTileArgs& a, const Strip& strip,
                             std::size_t index) {
  Reach reach = {kChunkKeys, 0};
  for (std::size_t r = 0; r < strip.count; ++r) {
    const Chunk<1> chunk = MakeChunk<1>(a, {strip.first + r, 1}, index);
    if (chunk.to == 0) continue;
    reach.from = Smaller(reach.from, chunk.from);
    reach.to = Larger(reach.to, chunk.to);
  }
  return reach.to == 0 ? Reach{0, 0} : reach;
}

// A block, counted from the chunk's first, in the cache.
TESSERA_INLINE const Bf16* CachedBlock(const AttentionTileArgs& a,
                                       const void* pool, std::size_t bytes,
                                       std::size_t index, std::size_t block) {
  return reinterpret_cast<const Bf16*>(BlockWords(
      a, pool, bytes, index * (kChunkKeys / kPositionsPerBlock) + block));
}
TESSERA_INLINE const Bf16* CachedKeys(const AttentionTileArgs& a,
                                      std::size_t index, std::size_t block) {
  return CachedBlock(a, a.keys, a.key_block_bytes, index, block);
}
TESSERA_INLINE const Bf16* CachedValues(const AttentionTileArgs& a,
                                        std::size_t index, std::size_t block) {
  return CachedBlock(a, a.values, a.value_block_bytes, index, block);
}

// A block as B tiles of 32 elements of its 16 keys, behind one another.
TESSERA_INLINE const Bf16* KeyTiles(const AttentionTileArgs& a,
                                    const AmxState& s, std::size_t index,
                                    std::size_t block) {
  return s.key_width == a.key_width
             ? CachedKeys(a, index, block)
             : s.keys + block * kPositionsPerBlock * s.key_width;
}

TESSERA_INLINE void PackKeyTiles(const AttentionTileArgs& a, const AmxState& s,
                                 std::size_t index, const Reach& reach) {
  if (s.key_width == a.key_width) return;
  const std::size_t there = kPositionsPerBlock * a.key_width;
  const std::size_t whole = kPositionsPerBlock * s.key_width;
  for (std::size_t b = reach.first_block(); b < reach.end_block(); ++b) {
    Bf16* const to = s.keys + b * whole;
    __builtin_memcpy(to, CachedKeys(a, index, b), there * sizeof(Bf16));
    __builtin_memset(to + there, 0, (whole - there) * sizeof(Bf16));
  }
}

TESSERA_INLINE bool IsFinite(Bf16 x) { return (x.bits & 0x7f80) != 0x7f80; }

// Copies n elements of a row of a tile, zero where they are not finite and
// behind them; returns whether all were finite. For AMX; where it is emulated
// on AVX2, a loop does.
template <class Arch>
TESSERA_INLINE bool PackFinite(const Bf16* from, std::size_t n, Bf16* to) {
  bool finite = true;
  for (std::size_t i = 0; i < kRowBf16; ++i) {
    const bool keep = i < n && IsFinite(from[i]);
    to[i] = keep ? from[i] : Bf16{0};
    finite &= keep || i >= n;
  }
  return finite;
}
#ifdef __AVX512BW__
template <>
TESSERA_INLINE bool PackFinite<Avx512>(const Bf16* from, std::size_t n,
                                       Bf16* to) {
  const auto there = static_cast<__mmask32>((std::uint64_t{1} << n) - 1);
  const __m512i exponent = _mm512_set1_epi16(0x7f80);
  const __m512i row = _mm512_maskz_loadu_epi16(there, from);
  const __mmask32 finite =
      _mm512_cmpneq_epi16_mask(_mm512_and_si512(row, exponent), exponent);
  _mm512_storeu_si512(to, _mm512_maskz_mov_epi16(finite, row));
  return finite == 0xffffffffu;
}
#endif

// Positions p and p + 1 of a chunk as a row of each of the C' / 16 tiles `to`.
template <class Arch>
TESSERA_INLINE void PackValuePair(const AttentionTileArgs& a, AmxState& s,
                                  const Bf16* pair, std::size_t p, Bf16* to) {
  bool finite = true;
  std::size_t column = 0;
  for (; column + kSide <= a.value_width; column += kSide, to += kTileBf16) {
    finite &= PackFinite<Arch>(pair + column * kTilePairs, kRowBf16, to);
  }
  for (; column < s.value_width; column += kSide, to += kTileBf16) {
    const std::size_t left =
        column < a.value_width ? (a.value_width - column) * kTilePairs : 0;
    finite &=
        PackFinite<Arch>(pair + (left ? column * kTilePairs : 0), left, to);
  }
  if (finite) return;
  s.left_out.any = true;
  s.left_out.pairs[p / kTilePairs / 64] |= std::uint64_t{1}
                                           << (p / kTilePairs % 64);
}

// Blocks that nobody sees are not read: they are zero.
template <class Arch>
TESSERA_INLINE void PackValueTiles(const AttentionTileArgs& a, AmxState& s,
                                   std::size_t index, const Reach& reach) {
  s.left_out = {};
  const std::size_t step_bf16 = kStepKeys * s.value_width;
  for (std::size_t g = reach.first_step(); g < reach.end_step(); ++g) {
    Bf16* const tiles = s.values + g * step_bf16;
    for (std::size_t half = 0; half < 2; ++half) {
      const std::size_t block = 2 * g + half;
      Bf16* to = tiles + half * kTileBf16 / 2;
      if (block < reach.first_block() || block >= reach.end_block()) {
        for (std::size_t c = 0; c < s.value_width; c += kSide) {
          __builtin_memset(to, 0, kTileBf16 / 2 * sizeof(Bf16));
          to += kTileBf16;
        }
        continue;
      }
      const Bf16* pair = CachedValues(a, index, block);
      for (std::size_t p = 0; p < kPositionsPerBlock; p += kTilePairs) {
        PackValuePair<Arch>(a, s, pair, block * kPositionsPerBlock + p, to);
        pair += kTilePairs * a.value_width;
        to += kRowBf16;
      }
    }
  }
}

}  // namespace
}  // namespace tessera::kernels

#endif  // TESSERA_KERNELS_ATTENTION_TILE_AMX_OPERANDS_IMPL_H_
