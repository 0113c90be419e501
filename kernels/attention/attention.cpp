// Entry points of attention, and the choice of implementations.
#include "kernels/attention/attention.h"

#include <cmath>
#include <vector>

#include "kernels/attention/attention_tasks.h"

namespace tessera::kernels {

using TileFn = decltype(AttentionTile);
using MergeFn = decltype(AttentionMerge);
TileFn AttentionTileScalar, AttentionTileAvx2, AttentionTileAvx512;
MergeFn AttentionMergeScalar, AttentionMergeAvx2, AttentionMergeAvx512;

namespace {

constexpr Kernel<TileFn> kTileKernels[] = {
    {Isa::kAvx512, "AttentionTile/avx512", AttentionTileAvx512},
    {Isa::kAvx2, "AttentionTile/avx2", AttentionTileAvx2},
    {Isa::kScalar, "AttentionTile/scalar", AttentionTileScalar},
};
constexpr Kernel<MergeFn> kMergeKernels[] = {
    {Isa::kAvx512, "AttentionMerge/avx512", AttentionMergeAvx512},
    {Isa::kAvx2, "AttentionMerge/avx2", AttentionMergeAvx2},
    {Isa::kScalar, "AttentionMerge/scalar", AttentionMergeScalar},
};

std::size_t At(std::span<const std::int32_t> offsets, std::size_t b) {
  return static_cast<std::size_t>(offsets[b]);
}

// The sequences of a ragged batch, their keys still to be packed.
std::vector<AttentionSequence> Sequences(const AttentionRowsInput& input) {
  std::vector<AttentionSequence> sequences(input.key_offsets.size() - 1);
  for (std::size_t b = 0; b < sequences.size(); ++b) {
    AttentionSequence& s = sequences[b];
    s.first_row = At(input.query_offsets, b);
    s.rows = At(input.query_offsets, b + 1) - s.first_row;
    s.cache.length = At(input.key_offsets, b + 1) - At(input.key_offsets, b);
    s.cache.values = input.values[At(input.key_offsets, b)];
  }
  return sequences;
}

// Packs all keys to f32 [sequence][block][Hkv][K][16], as in a cache.
void PackAllKeys(const AttentionShape& shape, const AttentionRowsInput& input,
                 std::span<AttentionSequence> sequences, ExecContext& context) {
  const std::size_t head_block = shape.key_width * kBlock;
  const std::size_t block = shape.kv_heads * head_block;
  std::size_t blocks = 0;
  for (const AttentionSequence& s : sequences) {
    blocks += BlocksFor(s.cache.length);
  }
  float* packed = context.Shared(ExecContext::kPackedKeys, blocks * block);
  const float* const all = packed;
  for (AttentionSequence& s : sequences) {
    s.cache.keys = packed;
    packed += BlocksFor(s.cache.length) * block;
  }
  packed = const_cast<float*>(all);
  ParallelFor(
      context, sequences.size() * shape.kv_heads,
      static_cast<double>(blocks * block), [&](std::size_t task, std::size_t) {
        const std::size_t b = task / shape.kv_heads;
        const std::size_t head = task % shape.kv_heads;
        const KeyValueBlocks& cache = sequences[b].cache;
        PackKeys(input.keys.Slice(At(input.key_offsets, b), cache.length)
                     .Columns(head * shape.key_width, shape.key_width),
                 packed + (cache.keys - all) + head * head_block, block);
      });
}

}  // namespace

std::span<const Kernel<TileFn>> AttentionTileKernels() { return kTileKernels; }
std::span<const Kernel<MergeFn>> AttentionMergeKernels() {
  return kMergeKernels;
}

void AttentionTile(const AttentionTileArgs& args) noexcept {
  static TileFn* const best = Select(AttentionTileKernels());
  best(args);
}

void AttentionMerge(const AttentionTileArgs& args) noexcept {
  static MergeFn* const best = Select(AttentionMergeKernels());
  best(args);
}

std::size_t AttentionTileScratch(std::size_t key_width,
                                 std::size_t value_width) {
  constexpr std::size_t kStripRows = 6;
  return kStripRows * (kTileKeys + 16 + PartialFloats(value_width)) +
         kTileRows * (2 + key_width + value_width);
}

AttentionShape SelfAttentionShape(std::size_t heads, std::size_t width,
                                  bool causal) {
  return {.heads = heads,
          .kv_heads = heads,
          .key_width = width,
          .value_width = width,
          .scale = 1.0f / std::sqrt(static_cast<float>(width)),
          .causal = causal};
}

void Attention(const AttentionShape& shape, Rows<const float> queries,
               std::span<const AttentionSequence> sequences, Rows<float> out,
               ExecContext& context) {
  const std::size_t key_head = shape.key_width * kBlock;
  const std::size_t value_head = shape.value_width * kBlock;
  RunAttention(
      {.shape = shape,
       .queries = queries,
       .sequences = sequences,
       .out = out,
       .keys = {key_head, shape.kv_heads * key_head, 0},
       .values = {value_head, shape.kv_heads * value_head, shape.value_width}},
      context);
}

void AttentionRows(const AttentionShape& shape, const AttentionRowsInput& input,
                   Rows<float> out, ExecContext& context) {
  std::vector<AttentionSequence> sequences = Sequences(input);
  PackAllKeys(shape, input, sequences, context);
  const std::size_t key_head = shape.key_width * kBlock;
  const std::size_t value_stride = input.values.stride;
  RunAttention(
      {.shape = shape,
       .queries = input.queries,
       .sequences = sequences,
       .out = out,
       .keys = {key_head, shape.kv_heads * key_head, 0},
       .values = {shape.value_width, kBlock * value_stride, value_stride}},
      context);
}

}  // namespace tessera::kernels
