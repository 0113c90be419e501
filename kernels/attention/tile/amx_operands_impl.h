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

inline constexpr std::size_t kGroupRows = 2 * kSide;  // multiplied at once
inline constexpr std::size_t kGroupKeys = kRowBf16;   // a step of values

// Values that are not finite. Tiles have zeros instead of them, because
// 0 * NaN is not 0: they are added to the rows that see them, one by one.
struct LeftOut {
  bool any;
  std::uint64_t pairs[kTileKeys / kTilePairs / 64];  // of positions; bits
};

struct AmxState {
  float* scores;  // f32 [kGroupRows, kScoreStride], then weights: bf16 in place
  float* sums;    // f32 [kGroupRows, C'], C' = C rounded up to 32
  Bf16* queries;  // bf16 [kTileRows, K'], K' = K rounded up to 32
  Bf16* keys;     // bf16 [32][K' / 32] tiles; not used if K' = K
  Bf16* values;   // bf16 [16][C' / 16] tiles of 32 positions
  TileState tile;           // what the other kernels have, of f32 rows
  std::size_t key_width;    // K'
  std::size_t value_width;  // C'
  LeftOut left_out;
};

TESSERA_INLINE AmxState LayOutAmx(const AttentionTileArgs& a) {
  AmxState s;
  s.key_width = RoundUp(a.key_width, kRowBf16);
  s.value_width = RoundUp(a.value_width, kGroupRows);
  float* next = a.scratch;
  const auto take = [&](std::size_t floats) {
    float* const taken = next;
    next += floats;
    return taken;
  };
  const auto take_bf16 = [&](std::size_t elements) {
    return reinterpret_cast<Bf16*>(take(elements / 2));
  };
  s.scores = take(kGroupRows * kScoreStride);
  s.sums = take(kGroupRows * s.value_width);
  s.queries = take_bf16(kTileRows * s.key_width);
  s.keys = take_bf16(s.key_width == a.key_width ? 0 : kTileKeys * s.key_width);
  s.values = take_bf16(kTileKeys * s.value_width);
  s.tile.scores = s.scores;
  s.tile.queries = a.scratch;  // no stage reads these
  s.tile.max = take(kTileRows);
  s.tile.sum = take(kTileRows);
  s.tile.out = take(kTileRows * a.value_width);
  s.tile.partial = take(PartialFloats(a.value_width));
  return s;
}

// Queries in bf16, zeros behind their ends and in rows up to a whole tile.
template <class Tiles>
TESSERA_INLINE void PrepareQueries(const AttentionTileArgs& a,
                                   const AmxState& s) {
  const std::size_t width = a.bf16.query_width;
  const std::size_t rows = RoundUp(a.rows, kSide);
  __builtin_memset(s.queries, 0, rows * s.key_width * sizeof(Bf16));
  for (std::size_t r = 0; r < a.rows; ++r) {
    Bf16* const to = s.queries + r * s.key_width;
    if (a.bf16.queries) {
      __builtin_memcpy(to, a.bf16.queries + r * a.query_stride,
                       width * sizeof(Bf16));
    } else {
      Tiles::Round(a.queries + r * a.query_stride, width, to);
    }
  }
}

// Keys [from, to) of a chunk, counted from its first; empty: 0, 0.
struct Reach {
  std::size_t from, to;

  TESSERA_INLINE std::size_t first_block() const { return from / kBlock; }
  TESSERA_INLINE std::size_t end_block() const { return BlocksFor(to); }
  // Whole steps of values around them.
  TESSERA_INLINE std::size_t first_group() const { return from / kGroupKeys; }
  TESSERA_INLINE std::size_t end_group() const {
    return (to + kGroupKeys - 1) / kGroupKeys;
  }
};

// What some row of a strip sees of a chunk.
TESSERA_INLINE Reach ReachOf(const AttentionTileArgs& a, const Strip& strip,
                             std::size_t index) {
  Reach reach = {kTileKeys, 0};
  for (std::size_t r = 0; r < strip.count; ++r) {
    const Chunk<1> chunk = MakeChunk<1>(a, {strip.first + r, 1}, index);
    if (chunk.to == 0) continue;
    reach.from = Smaller(reach.from, chunk.from);
    reach.to = Larger(reach.to, chunk.to);
  }
  return reach.to == 0 ? Reach{0, 0} : reach;
}

// A block, counted from the chunk's first, in the cache.
TESSERA_INLINE const Bf16* CachedKeys(const AttentionTileArgs& a,
                                      std::size_t index, std::size_t block) {
  return a.bf16.keys + BlockNumber(a, index * (kTileKeys / kBlock) + block) *
                           a.key_block_stride;
}
TESSERA_INLINE const Bf16* CachedValues(const AttentionTileArgs& a,
                                        std::size_t index, std::size_t block) {
  return a.bf16.values + BlockNumber(a, index * (kTileKeys / kBlock) + block) *
                             a.value_block_stride;
}

// A block as B tiles of 32 elements of its 16 keys, behind one another.
TESSERA_INLINE const Bf16* KeyTiles(const AttentionTileArgs& a,
                                    const AmxState& s, std::size_t index,
                                    std::size_t block) {
  return s.key_width == a.key_width ? CachedKeys(a, index, block)
                                    : s.keys + block * kBlock * s.key_width;
}

TESSERA_INLINE void PackKeyTiles(const AttentionTileArgs& a, const AmxState& s,
                                 std::size_t index, const Reach& reach) {
  if (s.key_width == a.key_width) return;
  const std::size_t there = kBlock * a.key_width;
  const std::size_t whole = kBlock * s.key_width;
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
  const std::size_t group_bf16 = kGroupKeys * s.value_width;
  for (std::size_t g = reach.first_group(); g < reach.end_group(); ++g) {
    Bf16* const tiles = s.values + g * group_bf16;
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
      for (std::size_t p = 0; p < kBlock; p += kTilePairs) {
        PackValuePair<Arch>(a, s, pair, block * kBlock + p, to);
        pair += kTilePairs * a.value_width;
        to += kRowBf16;
      }
    }
  }
}

}  // namespace
}  // namespace tessera::kernels

#endif  // TESSERA_KERNELS_ATTENTION_TILE_AMX_OPERANDS_IMPL_H_
