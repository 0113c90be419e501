// What an attention operation is, and the data that it takes.
//
// Alphabet: H heads, Hkv heads of keys and values, n queries and m keys of one
// sequence, K key width, C value width. Sizes and strides in elements unless a
// name ends in _bytes.
//
// Five words, each with one meaning throughout these kernels:
//   block  16 positions of keys or values, as caches store them
//   chunk  512 keys, 32 blocks: computed from nothing, then merged in order
//   tile   up to 96 queries of one head: the work of one thread at a time
//   strip  up to 6 queries of a tile: what the registers hold
//   group  up to 32 queries of a tile: what the tile registers of AMX hold
#ifndef TESSERA_KERNELS_ATTENTION_SHAPE_H_
#define TESSERA_KERNELS_ATTENTION_SHAPE_H_

#include <cstddef>
#include <cstdint>
#include <span>

#include "kernels/attention/cache/key_value_blocks.h"
#include "kernels/views.h"

namespace tessera::kernels {

// How a score is made of a query and a key: see Attention.
enum class Score : std::uint8_t { kDot, kAdditive };

// What becomes of scores: softmax, or max(0, score) as it is.
enum class Normaliser : std::uint8_t { kSoftmax, kRelu };

// What an attention operation is, apart from its data.
struct AttentionShape {
  std::size_t heads = 0;        // H
  std::size_t kv_heads = 0;     // Hkv, divides H; head h reads h / (H / Hkv)
  std::size_t key_width = 0;    // K; additive: the hidden width of scores
  std::size_t value_width = 0;  // C
  float scale = 0;              // of dot products; usually 1 / sqrt(K)
  // Query i stands at position p = i + m - n: aligned at the last query, so
  // that a cached prefix is seen whole.
  bool causal = false;     // it sees keys j <= p only
  std::size_t window = 0;  // it sees keys |j - p| < window only; 0: all
  Normaliser normaliser = Normaliser::kSoftmax;
  Score score = Score::kDot;
  const float* score_weights = nullptr;  // f32 [H, K], of additive scores
  // Rows have the same bits whatever the number of queries of their sequence:
  // without AMX, which is for many.
  bool alike = false;
};

// Equal heads of width K with the scale 1 / sqrt(K) (arXiv:1706.03762).
AttentionShape SelfAttentionShape(std::size_t heads, std::size_t width,
                                  bool causal);

// Numbers added to the scores: of head h, query i and key j
//   data[h * head_stride + i * row_stride + j]
// A dense mask [n, m] for all heads is {mask, 0, m}. A bias b[h][j - i] by
// distance (T5, ALiBi) with b stored as f32 [H, n + m - 1] for distances
// -(n - 1) and on is {b + n - 1, n + m - 1, -1}: O(n + m) memory. -inf hides a
// key, whose value must then be finite.
struct ScoreBias {
  const float* data = nullptr;
  std::ptrdiff_t head_stride = 0;
  std::ptrdiff_t row_stride = 0;
};

// Which keys may be seen: 0 hides key j from query i of head h.
struct ScoreMask {
  const std::uint8_t* data = nullptr;
  std::size_t head_stride = 0;
  std::size_t row_stride = 0;
};

// Where keys stand in a cache, if not one behind another: key j of query i at
// position data[i * row_stride + j], below `stored`. So the beams of a sentence
// share one cache in which each has a path of its own, and what they have in
// common is stored and multiplied once. Bits are those of keys that stand in
// their order.
struct KeyPlaces {
  const std::int32_t* data = nullptr;  // nullptr: key j at position j
  std::size_t row_stride = 0;
  std::size_t stored = 0;  // positions that the cache holds
};

// The queries of one sequence with the keys and values they attend to. Several
// rows may share them: the beams of a sentence in cross-attention, the new
// tokens of a prompt.
struct AttentionSequence {
  std::size_t first_row = 0;  // of queries and outputs
  std::size_t rows = 0;       // n
  KeyValueBlocks cache = {};  // m = cache.length
  KeyPlaces places = {};
  // Query i sees keys j < query_lengths[i] only; i32 [n], nullptr: all.
  const std::int32_t* query_lengths = nullptr;
  ScoreBias bias = {};
  ScoreMask mask = {};
  float* weights = nullptr;  // f32 [H, n, m], written if given
};

// A ragged batch with keys and values in plain rows, as projections leave them.
struct AttentionRowsInput {
  TypedRows queries;  // [sum n, H * K]
  TypedRows keys;     // [sum m, Hkv * K]
  TypedRows values;   // [sum m, Hkv * C], of the type of keys
  // Sequence b has queries [query_offsets[b], query_offsets[b + 1]) and keys
  // [key_offsets[b], key_offsets[b + 1]); both i32 [B + 1].
  std::span<const std::int32_t> query_offsets;
  std::span<const std::int32_t> key_offsets;
  // u8 [sum m]: 0 hides a key from all queries; empty: none is hidden.
  std::span<const std::uint8_t> visible_keys = {};
  // i32 [sum n], as query_lengths of each sequence; empty: all.
  std::span<const std::int32_t> query_lengths = {};
  // Of every sequence, whose first query and key have the first number: a bias
  // by distance of the longest serves all.
  ScoreBias bias = {};
  // f32 [sum over sequences of H * n * m], one sequence [H, n, m] after
  // another, written if given.
  float* weights = nullptr;
};

}  // namespace tessera::kernels

#endif  // TESSERA_KERNELS_ATTENTION_SHAPE_H_
