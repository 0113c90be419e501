// The inner kernels of attention: a block of queries of one head.
#ifndef TESSERA_KERNELS_ATTENTION_TILE_TILE_H_
#define TESSERA_KERNELS_ATTENTION_TILE_TILE_H_

#include <cstddef>
#include <cstdint>
#include <span>

#include "kernels/bf16.h"
#include "kernels/dispatch.h"

namespace tessera::kernels {

// Query rows that a tile takes at most. A chunk of keys and values comes into
// the second-level cache once for all of them.
inline constexpr std::size_t kTileRows = 96;

// Keys of a chunk: their scores are held at once. Every chunk's result is
// computed from nothing and the results are merged in order, so that bits
// depend neither on how tiles are cut nor on which thread runs a chunk.
inline constexpr std::size_t kTileKeys = 512;

// What becomes of scores: softmax, or max(0, score) as it is.
enum class Normaliser : std::uint8_t { kSoftmax, kRelu };

// What bf16 tiles read. Widths of keys are even: K is rounded up, with zeros.
struct Bf16Operands {
  const Bf16* queries;      // bf16 [rows, K]; nullptr: f32, as in other tiles
  std::size_t query_width;  // K
  const Bf16* keys;         // bf16, blocks of [ceil(K / 2), 16, 2]
  const Bf16* values;       // bf16, blocks of [8, C, 2]
};

// One head's work for up to kTileRows queries. A plain struct: it crosses into
// files compiled for other instruction sets.
struct AttentionTileArgs {
  const float* queries;  // f32 [rows, K]
  std::size_t query_stride;
  std::size_t rows;           // 1 to kTileRows
  std::size_t sequence_rows;  // of the sequence that these are part of

  const float* keys;  // f32, block b of the sequence at table[b] * stride
  std::size_t key_block_stride;
  const float* values;  // f32, rows of C, 16 to a block
  std::size_t value_block_stride;
  std::size_t value_row_stride;
  const std::int32_t* table;  // i32 block numbers; nullptr: consecutive
  std::size_t key_width;      // K
  std::size_t value_width;    // C

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
  // Additive scores only: w_v, its sum, and the keys as they were before
  // AdditiveKeys, in blocks like `keys`.
  const float* score_weights;  // f32 [K]
  float score_weight_sum;
  const float* raw_keys;
  // AttentionTileBf16 only, in place of `keys` and `values`; strides are those
  // of these operands, and key_width is rounded up to an even number.
  Bf16Operands bf16;
  Normaliser normaliser;

  // Chunks [first_chunk, end_chunk) of kTileKeys keys are computed. With
  // `partials` each leaves its result there, for AttentionMerge; without, the
  // tile is finished: out and weights are written.
  std::size_t first_chunk;
  std::size_t end_chunk;
  float* partials;  // f32 [chunks, rows, PartialFloats(C)] or nullptr

  float* out;  // f32 [rows, C]
  std::size_t out_stride;
  float* weights;  // f32 [rows, length] or nullptr
  std::size_t weight_stride;
  float* scratch;  // f32 [AttentionTileScratch(K, C)], 64-byte aligned
};

// Floats of scratch that a tile needs for head widths K and C.
std::size_t AttentionTileScratch(std::size_t key_width,
                                 std::size_t value_width);
// The same for AttentionTileBf16, no less.
std::size_t AttentionTileBf16Scratch(std::size_t key_width,
                                     std::size_t value_width);

// A row's result for one chunk: maximum, sum of exponentials, weighted values.
[[gnu::always_inline]] inline constexpr std::size_t PartialFloats(
    std::size_t value_width) {
  return value_width + 2;
}

// Dot-product scores; see attention.h for the formula and the edges.
void AttentionTile(const AttentionTileArgs& args) noexcept;

// The same from bf16 keys and values. The first implementation of the list
// works on whole tiles of 16 rows: tiles of sequences with fewer rows than
// kAttentionBf16ManyRows go to the best of the others.
void AttentionTileBf16(const AttentionTileArgs& args) noexcept;

// Additive scores, from keys that AdditiveKeys prepared.
void AdditiveAttentionTile(const AttentionTileArgs& args) noexcept;

// Replaces `floats` elements of packed keys (a multiple of 16) by what
// AdditiveAttentionTile reads: e^(2x) in the SIMD versions.
void AdditiveKeys(const float* raw, std::size_t floats, float* keys) noexcept;

// The same from the partial results of all chunks, in order; reads no keys.
void AttentionMerge(const AttentionTileArgs& args) noexcept;

// All implementations in this build, best first, scalar last.
std::span<const Implementation<decltype(AttentionTile)>> AttentionTileKernels();
std::span<const Implementation<decltype(AttentionTileBf16)>>
AttentionTileBf16Kernels();
std::span<const Implementation<decltype(AttentionMerge)>>
AttentionMergeKernels();
std::span<const Implementation<decltype(AdditiveAttentionTile)>>
AdditiveAttentionTileKernels();
std::span<const Implementation<decltype(AdditiveKeys)>> AdditiveKeysKernels();

}  // namespace tessera::kernels

#endif  // TESSERA_KERNELS_ATTENTION_TILE_TILE_H_
