// Where tiles keep their state, in floats from the start of their scratch: one
// layout for the baseline code that allocates and the SIMD code that places.
#ifndef TESSERA_KERNELS_ATTENTION_TILE_SCRATCH_H_
#define TESSERA_KERNELS_ATTENTION_TILE_SCRATCH_H_

#include <cstddef>

#include "kernels/views.h"

namespace tessera::kernels {

// Query rows that a tile takes at most. A chunk of keys and values comes into
// the second-level cache once for all of them.
inline constexpr std::size_t kTileRows = 96;

// Keys of a chunk: their scores are held at once. Every chunk's result is
// computed from nothing and the results are merged in order, so that bits
// depend neither on how tiles are cut nor on which thread runs a chunk.
inline constexpr std::size_t kChunkKeys = 512;

// Rows of a strip, and of a group of AMX.
inline constexpr std::size_t kStripRows = 6;
inline constexpr std::size_t kGroupRows = 32;

// What AMX fills up with zeros: elements of a key to a row of a tile register,
// columns of values to two of them.
inline constexpr std::size_t kAmxWidth = 32;

// One score row; 16 more than a power of two keeps the rows of a strip out of
// each other's cache sets (4 KiB aliasing).
inline constexpr std::size_t kScoreStride = kChunkKeys + 16;

// A row's result for one chunk: maximum, sum of exponentials, weighted values.
[[gnu::always_inline]] inline constexpr std::size_t PartialFloats(
    std::size_t value_width) {
  return value_width + 2;
}

[[gnu::always_inline]] inline constexpr std::size_t RoundUp(std::size_t n,
                                                            std::size_t to) {
  return (n + to - 1) / to * to;
}

struct TileLayout {
  std::size_t scores;   // f32 [kStripRows, kScoreStride]
  std::size_t placed;   // the same, in the order of places
  std::size_t max;      // f32 [kTileRows], largest score so far
  std::size_t sum;      // f32 [kTileRows], sum of exp(score - max)
  std::size_t queries;  // f32 [kTileRows, K], prepared
  std::size_t out;      // f32 [kTileRows, C], not yet divided by sum
  std::size_t partial;  // f32 [kStripRows, PartialFloats(C)]
  std::size_t floats;   // of all
};

// K as it stands in blocks.
[[gnu::always_inline]] inline constexpr TileLayout LayOutTile(
    std::size_t key_width, std::size_t value_width) {
  TileLayout at = {};
  at.placed = at.scores + kStripRows * kScoreStride;
  at.max = at.placed + kStripRows * kScoreStride;
  at.sum = at.max + kTileRows;
  at.queries = at.sum + kTileRows;
  at.out = at.queries + kTileRows * key_width;
  at.partial = at.out + kTileRows * value_width;
  at.floats = at.partial + kStripRows * PartialFloats(value_width);
  return at;
}

struct AmxLayout {
  std::size_t key_width;    // K' = K rounded up to kAmxWidth
  std::size_t value_width;  // C' = C rounded up
  std::size_t scores;   // f32 [kGroupRows, kScoreStride], then weights: bf16 in
                        // place
  std::size_t sums;     // f32 [kGroupRows, C']
  std::size_t queries;  // bf16 [kTileRows, K']
  std::size_t keys;     // bf16 [32][K' / 32] tile registers; none if K' = K
  std::size_t values;   // bf16 [16][C' / 16] tile registers of 32 positions
  std::size_t max;      // as in TileLayout, and so on
  std::size_t sum;
  std::size_t out;
  std::size_t partial;  // f32 [PartialFloats(C)]
  std::size_t floats;
};

[[gnu::always_inline]] inline constexpr AmxLayout LayOutAmxTile(
    std::size_t key_width, std::size_t value_width) {
  constexpr std::size_t kPerFloat = sizeof(float) / sizeof(Bf16);
  AmxLayout at = {};
  at.key_width = RoundUp(key_width, kAmxWidth);
  at.value_width = RoundUp(value_width, kAmxWidth);
  const std::size_t copied = at.key_width == key_width ? 0 : at.key_width;
  at.sums = at.scores + kGroupRows * kScoreStride;
  at.queries = at.sums + kGroupRows * at.value_width;
  at.keys = at.queries + kTileRows * at.key_width / kPerFloat;
  at.values = at.keys + kChunkKeys * copied / kPerFloat;
  at.max = at.values + kChunkKeys * at.value_width / kPerFloat;
  at.sum = at.max + kTileRows;
  at.out = at.sum + kTileRows;
  at.partial = at.out + kTileRows * value_width;
  at.floats = at.partial + PartialFloats(value_width);
  return at;
}

}  // namespace tessera::kernels

#endif  // TESSERA_KERNELS_ATTENTION_TILE_SCRATCH_H_
