// Attention from a bf16 cache, or over bf16 rows: half of the memory traffic.
//
// The alphabet and the parameters are those of attention.h; sums, softmax and
// outputs are f32.
#ifndef TESSERA_KERNELS_ATTENTION_ATTENTION_BF16_H_
#define TESSERA_KERNELS_ATTENTION_ATTENTION_BF16_H_

#include <cstddef>
#include <cstdint>
#include <span>

#include "kernels/attention/attention.h"
#include "kernels/attention/cache/key_value_blocks.h"
#include "kernels/bf16.h"
#include "kernels/context.h"
#include "kernels/views.h"

namespace tessera::kernels {

// Largest and mean error of an output element against float64 on the bf16
// inputs as they are, in units of the largest |value| seen, for N(0, 1) data.
// Implementations that widen to f32 keep the bound of attention.h; those that
// multiply bf16 (AMX, AMD's AVX-512 BF16) round weights to bf16, and f32
// queries. With ReLU instead of softmax: times the sum of the weights.
inline constexpr float kAttentionBf16MaxError = 1e-2f;
inline constexpr float kAttentionBf16MeanError = 1e-3f;

// AMX multiplies 16 rows in the time of one. Sequences of fewer queries than
// this take the implementation that is best without it: by count AMX would gain
// from 3 rows on (64 FMA cycles a row and 16 keys at d = 64, against 64 for the
// tiles and 50 for arranging values), but reading K and V is what limits few
// rows, and AMX writes the values once more.
inline constexpr std::size_t kAttentionBf16ManyRows = 8;

// As Attention, with keys and values in cache.bf16_keys and cache.bf16_values.
//
//   queries  f32 or bf16 [rows, H * K]
//   out      f32 [rows, H * C]
//
// Requires, Edge, Cost: those of Attention, all forms included.
// Error: kAttentionBf16MaxError. Bits of a row: as for Attention; with AMX they
//   also depend on whether its sequence has kAttentionBf16ManyRows queries.
void AttentionBf16(const AttentionShape& shape, Rows<const float> queries,
                   std::span<const AttentionSequence> sequences,
                   Rows<float> out, ExecContext& context);
void AttentionBf16(const AttentionShape& shape, Rows<const Bf16> queries,
                   std::span<const AttentionSequence> sequences,
                   Rows<float> out, ExecContext& context);

// The same with keys and values in plain rows, as projections leave them.
struct AttentionRowsBf16Input {
  Rows<const Bf16> queries;  // bf16 [sum n, H * K]
  Rows<const Bf16> keys;     // bf16 [sum m, Hkv * K]
  Rows<const Bf16> values;   // bf16 [sum m, Hkv * C]
  // As in AttentionRowsInput: i32 [B + 1] each.
  std::span<const std::int32_t> query_offsets;
  std::span<const std::int32_t> key_offsets;
};
void AttentionRowsBf16(const AttentionShape& shape,
                       const AttentionRowsBf16Input& input, Rows<float> out,
                       ExecContext& context);

}  // namespace tessera::kernels

#endif  // TESSERA_KERNELS_ATTENTION_ATTENTION_BF16_H_
