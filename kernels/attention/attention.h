// Multi-head attention over ragged batches, from cached or plain keys and
// values; shape.h has the alphabet and the data.
#ifndef TESSERA_KERNELS_ATTENTION_ATTENTION_H_
#define TESSERA_KERNELS_ATTENTION_ATTENTION_H_

#include <cstddef>
#include <span>

#include "kernels/attention/shape.h"
#include "kernels/context.h"
#include "kernels/views.h"

namespace tessera::kernels {

// Largest error of an output element against float64, for K <= 128 and
// m <= 4,096, where s is the largest |score| and v the largest |value| seen:
//   |out - exact| <= (kAttentionMaxError + 4 * FLT_EPSILON * s) * v
// With ReLU instead of softmax: times the sum of the weights.
inline constexpr float kAttentionMaxError = 2e-6f;

// Additive scores are within this of the exact ones, times sum_k |w[h][k]|.
inline constexpr float kAdditiveMaxScoreError = 1e-6f;

// Largest and mean error with bf16 keys and values, against float64 on these as
// they are, in units of the largest |value| seen, for N(0, 1) data.
// Implementations that widen to f32 keep the bound of f32; those that multiply
// bf16 (AMX, AMD's AVX-512 BF16) round weights to bf16, and f32 queries.
inline constexpr float kAttentionBf16MaxError = 1e-2f;
inline constexpr float kAttentionBf16MeanError = 1e-3f;

// out[i][h] = sum_j w[h][i][j] v[j][h],  w = softmax_j(s[h][i][j])
// s[h][i][j] = scale q[i][h] . k[j][h] + bias[h][i][j]                  (kDot)
//            = w_s[h] . tanh(q[i][h] + k[j][h]) + bias[h][i][j]    (kAdditive)
//
// Additive (Bahdanau) scores take projected queries q = W_q query and keys
// k = W_k key, and w_s from shape.score_weights.
//
//   queries    f32 or bf16 [rows, H * K]; head h in columns [h K, (h + 1) K)
//   sequences  each names its rows; rows of no sequence are left alone. Their
//              caches have one type: f32 or, at half of the memory traffic,
//              bf16; sums, softmax and outputs are f32
//   out        f32 [rows, H * C]
//
// Requires: no alignment. out overlaps nothing else.
// Edge: a query that sees no key gives zeros. Keys and values that a query may
//   not see have no influence on it, NaN and infinity included. With
//   Normaliser::kRelu w = max(0, s), which need not sum to 1.
// Error: kAttentionMaxError, kAttentionBf16MaxError. The bits of a row depend
//   on its own query, keys and values only: not on its batch, its place there,
//   or threads; with AMX, unless shape.alike, also on whether its sequence has
//   kAmxFewestRows queries (tile/tile.h).
// Cost: 2 m (K + C) flops a query and head, O(1) memory a query; additive 3
//   flops and a reciprocal a query, key and hidden element. Additive scores of
//   bf16 keys have a scalar implementation only.
//   Throws std::bad_alloc if the context's scratch has to grow for a new shape.
// Source: Dao et al. 2022, arXiv:2205.14135 (tiles, online softmax); Milakov &
//   Gimelshein 2018, arXiv:1805.02867; Bahdanau et al. 2014, arXiv:1409.0473.
void Attention(const AttentionShape& shape, const TypedRows& queries,
               std::span<const AttentionSequence> sequences, Rows<float> out,
               ExecContext& context);

// The same with keys and values in plain rows.
void AttentionRows(const AttentionShape& shape, const AttentionRowsInput& input,
                   Rows<float> out, ExecContext& context);

}  // namespace tessera::kernels

#endif  // TESSERA_KERNELS_ATTENTION_ATTENTION_H_
