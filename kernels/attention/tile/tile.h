// The inner kernels of attention: up to kTileRows queries of one head.
#ifndef TESSERA_KERNELS_ATTENTION_TILE_TILE_H_
#define TESSERA_KERNELS_ATTENTION_TILE_TILE_H_

#include <cstddef>
#include <cstdint>
#include <span>

#include "kernels/attention/shape.h"
#include "kernels/attention/tile/scratch.h"
#include "kernels/dispatch.h"
#include "kernels/views.h"

namespace tessera::kernels {

// One head's work for up to kTileRows queries. A plain struct: it crosses into
// files compiled for other instruction sets.
struct AttentionTileArgs {
  ElementType type;  // of keys and values
  Score score;
  Normaliser normaliser;

  ElementType query_type;
  const void* queries;  // [rows, query_width]
  std::size_t query_stride;
  std::size_t query_width;    // K
  std::size_t rows;           // 1 to kTileRows
  std::size_t sequence_rows;  // of the sequence that these are part of

  // One head's blocks of the sequence, number b at table[b] * block_bytes:
  // see KeyValueBlocks.
  const void* keys;
  const void* raw_keys;  // additive scores only, like `keys`
  std::size_t key_block_bytes;
  const void* values;
  std::size_t value_block_bytes;
  std::size_t value_row_bytes;  // from a position, in bf16 a pair, to the next
  const std::int32_t* table;    // i32 block numbers; nullptr: consecutive
  // Key j of row r stands at places[r * place_stride + j], or at j: KeyPlaces.
  const std::int32_t* places;
  std::size_t place_stride;
  std::size_t stored;       // positions of the cache
  std::size_t key_width;    // K in whole words
  std::size_t value_width;  // C

  // Row r sees keys [begins[r], ends[r]); 0 <= begins[r], ends[r] <= length.
  const std::int32_t* begins;  // i32 [rows]
  const std::int32_t* ends;    // i32 [rows]
  std::size_t length;          // m

  float scale;
  // Added to the score of row r and key j: bias[r * bias_stride + j], nullptr:
  // nothing. The stride is -1 for a bias by distance.
  const float* bias;
  std::ptrdiff_t bias_stride;
  // Row r sees key j only where allowed[r * allowed_stride + j] is not 0.
  const std::uint8_t* allowed;  // nullptr: everywhere
  std::size_t allowed_stride;
  // Additive scores only: w_s and its sum.
  const float* score_weights;  // f32 [K]
  float score_weight_sum;

  // Chunks [first_chunk, end_chunk) of kChunkKeys keys are computed. With
  // `partials` each leaves its result there, for AttentionMerge; without, the
  // tile is finished: out and weights are written.
  std::size_t first_chunk;
  std::size_t end_chunk;
  float* partials;  // f32 [chunks, rows, PartialFloats(C)] or nullptr

  float* out;  // f32 [rows, C]
  std::size_t out_stride;
  float* weights;  // f32 [rows, length] or nullptr
  std::size_t weight_stride;
  float* scratch;  // f32, 64-byte aligned; as many as the implementation says
};

using TileFn = void(const AttentionTileArgs& args) noexcept;

// Floats of scratch for K in whole words, and C.
using ScratchFn = std::size_t(std::size_t key_width,
                              std::size_t value_width) noexcept;
ScratchFn TileScratch, AmxScratch;

// AMX multiplies 16 rows in the time of one. Sequences of fewer queries than
// this take the implementation that is best without it: by count AMX would gain
// from 3 rows on (64 FMA cycles a row and 16 keys at d = 64, against 64 for the
// tiles and 50 for arranging values), but reading K and V is what limits few
// rows, and AMX writes the values once more.
inline constexpr std::size_t kAmxFewestRows = 8;

struct TileImplementation : Implementation<TileFn> {
  std::size_t fewest_rows = 0;  // of a sequence, from which on it runs
  ScratchFn* scratch = TileScratch;
};

// All implementations in this build for keys and values of a type and a score,
// best first, scalar last; see Attention for the formula and the edges.
std::span<const TileImplementation> AttentionTileKernels(ElementType type,
                                                         Score score);

// Those that run in this process: the best, and the best for sequences that
// have fewer rows than that one wants.
struct TileChoice {
  const TileImplementation* best;
  const TileImplementation* best_for_few;

  const TileImplementation& For(std::size_t sequence_rows) const {
    return *(sequence_rows < best->fewest_rows ? best_for_few : best);
  }
  // Enough for both.
  std::size_t Scratch(std::size_t key_width, std::size_t value_width) const;
};
const TileChoice& ChooseTiles(ElementType type, Score score);

// Finishes a tile from the partial results of all chunks, in order; reads no
// keys, and uses the scratch of TileScratch.
using MergeFn = TileFn;
MergeFn AttentionMerge;
std::span<const Implementation<MergeFn>> AttentionMergeKernels();

// Replaces `floats` elements of packed f32 keys (a multiple of 16) by what
// tiles of additive scores read: e^(2x) in the SIMD versions.
using AdditiveKeysFn = void(const float* raw, std::size_t floats,
                            float* keys) noexcept;
AdditiveKeysFn AdditiveKeys;
std::span<const Implementation<AdditiveKeysFn>> AdditiveKeysKernels();

}  // namespace tessera::kernels

#endif  // TESSERA_KERNELS_ATTENTION_TILE_TILE_H_
