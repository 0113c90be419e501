// Multi-head attention over ragged batches, from cached or plain keys and
// values.
//
// Alphabet: H heads, Hkv heads of keys and values, n queries and m keys of one
// sequence, K key width, C value width. Sizes and strides in elements.
#ifndef TESSERA_KERNELS_ATTENTION_ATTENTION_H_
#define TESSERA_KERNELS_ATTENTION_ATTENTION_H_

#include <cstddef>
#include <cstdint>
#include <span>

#include "kernels/attention/cache/key_value_blocks.h"
#include "kernels/attention/tile/tile.h"
#include "kernels/context.h"
#include "kernels/views.h"

namespace tessera::kernels {

// Largest error of an output element against float64, for K <= 128 and
// m <= 4,096, where s is the largest |score| and v the largest |value| seen:
//   |out - exact| <= (kAttentionMaxError + 4 * FLT_EPSILON * s) * v
// With ReLU instead of softmax: times the sum of the weights.
inline constexpr float kAttentionMaxError = 2e-6f;

// What an attention operation is, apart from its data.
struct AttentionShape {
  std::size_t heads = 0;        // H
  std::size_t kv_heads = 0;     // Hkv, divides H; head h reads h / (H / Hkv)
  std::size_t key_width = 0;    // K
  std::size_t value_width = 0;  // C
  float scale = 0;              // of scores; usually 1 / sqrt(K)
  // Query i stands at position p = i + m - n: aligned at the last query, so
  // that a cached prefix is seen whole.
  bool causal = false;     // it sees keys j <= p only
  std::size_t window = 0;  // it sees keys |j - p| < window only; 0: all
  Normaliser normaliser = Normaliser::kSoftmax;
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

// The queries of one sequence with the keys and values they attend to. Several
// rows may share them: the beams of a sentence in cross-attention, the new
// tokens of a prompt.
struct AttentionSequence {
  std::size_t first_row = 0;  // of queries and outputs
  std::size_t rows = 0;       // n
  KeyValueBlocks cache = {};  // m = cache.length
  // Query i sees keys j < query_lengths[i] only; i32 [n], nullptr: all.
  const std::int32_t* query_lengths = nullptr;
  ScoreBias bias = {};
  ScoreMask mask = {};
  float* weights = nullptr;  // f32 [H, n, m], written if given
};

// out[i][h] = sum_j w[h][i][j] v[j][h],  w = softmax_j(s[h][i][j])
// s[h][i][j] = scale q[i][h] . k[j][h] + bias[h][i][j]
//
//   queries    f32 [rows, H * K]; head h in columns [h * K, (h + 1) * K)
//   sequences  each names its rows; rows of no sequence are left alone
//   out        f32 [rows, H * C]
//
// Requires: no alignment. out overlaps nothing else.
// Edge: a query that sees no key gives zeros. Keys and values that a query may
//   not see have no influence on it, NaN and infinity included. With
//   Normaliser::kRelu w = max(0, s), which need not sum to 1.
// Error: kAttentionMaxError. The bits of a row depend on its own query, keys
//   and values only: not on its batch, its place there, or threads.
// Cost: 2 m (K + C) flops a query and head, O(1) memory a query.
//   Throws std::bad_alloc if the context's scratch has to grow for a new shape.
// Source: Dao et al. 2022, arXiv:2205.14135 (tiles, online softmax); Milakov &
//   Gimelshein 2018, arXiv:1805.02867.
void Attention(const AttentionShape& shape, Rows<const float> queries,
               std::span<const AttentionSequence> sequences, Rows<float> out,
               ExecContext& context);

// The same with keys and values in plain rows, as projections leave them.
struct AttentionRowsInput {
  Rows<const float> queries;  // f32 [sum n, H * K]
  Rows<const float> keys;     // f32 [sum m, Hkv * K]
  Rows<const float> values;   // f32 [sum m, Hkv * C]
  // Sequence b has queries [query_offsets[b], query_offsets[b + 1]) and keys
  // [key_offsets[b], key_offsets[b + 1]); both i32 [B + 1].
  std::span<const std::int32_t> query_offsets;
  std::span<const std::int32_t> key_offsets;
  // u8 [sum m]: 0 hides a key from all queries; empty: none is hidden.
  std::span<const std::uint8_t> visible_keys = {};
  // i32 [sum n], as query_lengths of each sequence; empty: all.
  std::span<const std::int32_t> query_lengths = {};
  // f32 [sum over sequences of H * n * m], one sequence [H, n, m] after
  // another, written if given.
  float* weights = nullptr;
};
void AttentionRows(const AttentionShape& shape, const AttentionRowsInput& input,
                   Rows<float> out, ExecContext& context);

// Additive (Bahdanau) attention: as above with the scores
//
//   s[h][i][j] = w[h] . tanh(q[i][h] + k[j][h]) + bias[h][i][j]
//
// of projected queries q = W_q query and keys k = W_k key; shape.key_width is
// the hidden width of the scores, shape.scale is not used.
//
//   score_weights  f32 [H, K]
//   sequences      cache.raw_keys holds the projected keys, cache.keys what
//                  AdditiveKeys made of them
//
// Error: of a score, kAdditiveMaxScoreError * sum_k |w[h][k]|.
// Cost: 3 flops and a reciprocal a query, key and hidden element.
// Source: Bahdanau et al. 2014, arXiv:1409.0473.
inline constexpr float kAdditiveMaxScoreError = 1e-6f;
void AdditiveAttention(const AttentionShape& shape, const float* score_weights,
                       Rows<const float> queries,
                       std::span<const AttentionSequence> sequences,
                       Rows<float> out, ExecContext& context);
void AdditiveAttentionRows(const AttentionShape& shape,
                           const float* score_weights,
                           const AttentionRowsInput& input, Rows<float> out,
                           ExecContext& context);

}  // namespace tessera::kernels

#endif  // TESSERA_KERNELS_ATTENTION_ATTENTION_H_
