// What the SIMD stages of an attention tile share: strips, chunks, layouts.
#ifndef TESSERA_KERNELS_ATTENTION_TILE_STRIP_IMPL_H_
#define TESSERA_KERNELS_ATTENTION_TILE_STRIP_IMPL_H_

#include "kernels/attention/tile/tile.h"
#include "kernels/simd.h"

// Loops over accumulators must unroll before registers are allocated: GCC 12
// keeps the accumulators in memory otherwise (a third of the speed).
#define TESSERA_UNROLL _Pragma("GCC unroll 8")
// Of a lambda: a loop body that must see its accumulators in registers.
#define TESSERA_INLINE_BODY __attribute__((always_inline))

namespace tessera::kernels {
namespace {

inline constexpr float kMinusInfinity = -std::numeric_limits<float>::infinity();

TESSERA_INLINE std::size_t Smaller(std::size_t a, std::size_t b) {
  return a < b ? a : b;
}
TESSERA_INLINE std::size_t Larger(std::size_t a, std::size_t b) {
  return a < b ? b : a;
}

// Rows [first, first + count) of the tile.
struct Strip {
  std::size_t first;
  std::size_t count;
};

// Calls body(strip) for balanced strips: 20 rows are 5 x 4, not 3 x 6 + 2.
template <class Body>
TESSERA_INLINE void ForStrips(std::size_t rows, Body&& body) {
  const std::size_t strips = (rows + kStripRows - 1) / kStripRows;
  for (std::size_t s = 0; s < strips; ++s) {
    const std::size_t first = rows * s / strips;
    body(Strip{first, rows * (s + 1) / strips - first});
  }
}

// One chunk of keys as a strip of MR rows sees it. Keys are counted from
// `begin`, the chunk's first.
template <std::size_t MR>
struct Chunk {
  std::size_t begin;
  std::size_t begins[MR], ends[MR];    // what each row sees; empty: 0, 0
  std::size_t from, to;                // what some row sees; empty: 0, 0
  std::size_t common_from, common_to;  // what all rows see, within from, to

  // The scores that are computed: whole blocks around from, to.
  TESSERA_INLINE std::size_t first_score() const {
    return from / kPositionsPerBlock * kPositionsPerBlock;
  }
  TESSERA_INLINE std::size_t end_score() const {
    return BlocksFor(to) * kPositionsPerBlock;
  }
};

template <std::size_t MR>
TESSERA_INLINE Chunk<MR> MakeChunk(const AttentionTileArgs& a,
                                   const Strip& strip, std::size_t index) {
  Chunk<MR> chunk;
  chunk.begin = index * kChunkKeys;
  chunk.from = chunk.common_to = kChunkKeys;
  chunk.to = chunk.common_from = 0;
  for (std::size_t r = 0; r < MR; ++r) {
    const auto begin = static_cast<std::size_t>(a.begins[strip.first + r]);
    const auto end = static_cast<std::size_t>(a.ends[strip.first + r]);
    const std::size_t from = Larger(begin, chunk.begin);
    const std::size_t to = Smaller(end, chunk.begin + kChunkKeys);
    const bool sees = from < to;
    chunk.begins[r] = sees ? from - chunk.begin : 0;
    chunk.ends[r] = sees ? to - chunk.begin : 0;
    if (sees) {
      chunk.from = Smaller(chunk.from, chunk.begins[r]);
      chunk.to = Larger(chunk.to, chunk.ends[r]);
    }
    chunk.common_from = Larger(chunk.common_from, chunk.begins[r]);
    chunk.common_to = Smaller(chunk.common_to, chunk.ends[r]);
  }
  if (chunk.from >= chunk.to) chunk.from = chunk.to = 0;
  // Rows that have nothing in common: all keys are checked one by one.
  if (a.allowed || chunk.common_from >= chunk.common_to) {
    chunk.common_from = chunk.common_to = chunk.from;
  }
  return chunk;
}

TESSERA_INLINE std::size_t BlockNumber(const AttentionTileArgs& a,
                                       std::size_t block) {
  return a.table ? static_cast<std::size_t>(a.table[block]) : block;
}
// The words of a block of keys or values.
TESSERA_INLINE const float* BlockWords(const AttentionTileArgs& a,
                                       const void* pool, std::size_t bytes,
                                       std::size_t block) {
  return reinterpret_cast<const float*>(static_cast<const char*>(pool) +
                                        BlockNumber(a, block) * bytes);
}

template <class Arch>
inline constexpr std::size_t kVectorsPerBlock =
    kPositionsPerBlock / kLanes<Arch>;

// Accumulators that leave room for operands: 24 of 32 zmm, 12 of 16 ymm.
template <class Arch>
inline constexpr std::size_t kAccumulators = kLanes<Arch> == 16 ? 24 : 12;

// The widest tile of MR rows, in units (a power of two up to 8) of `vectors`.
template <class Arch, std::size_t MR>
constexpr std::size_t WidestTile(std::size_t vectors) {
  std::size_t width = 8;
  while (width > 1 && MR * width * vectors > kAccumulators<Arch>) width /= 2;
  return width;
}

}  // namespace
}  // namespace tessera::kernels

#endif  // TESSERA_KERNELS_ATTENTION_TILE_STRIP_IMPL_H_
