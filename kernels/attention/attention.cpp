// Entry points of attention, and the choice of implementations.
#include "kernels/attention/attention.h"

#include <cmath>
#include <vector>

#include "kernels/attention/attention_tasks.h"

namespace tessera::kernels {

using TileFn = decltype(AttentionTile);
using MergeFn = decltype(AttentionMerge);
using KeysFn = decltype(AdditiveKeys);
TileFn AttentionTileScalar, AttentionTileAvx2, AttentionTileAvx512;
MergeFn AttentionMergeScalar, AttentionMergeAvx2, AttentionMergeAvx512;
TileFn AdditiveAttentionTileScalar, AdditiveAttentionTileAvx2,
    AdditiveAttentionTileAvx512;
KeysFn AdditiveKeysScalar, AdditiveKeysAvx2, AdditiveKeysAvx512;

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

constexpr Kernel<TileFn> kAdditiveTileKernels[] = {
    {Isa::kAvx512, "AdditiveAttentionTile/avx512", AdditiveAttentionTileAvx512},
    {Isa::kAvx2, "AdditiveAttentionTile/avx2", AdditiveAttentionTileAvx2},
    {Isa::kScalar, "AdditiveAttentionTile/scalar", AdditiveAttentionTileScalar},
};
constexpr Kernel<KeysFn> kAdditiveKeysKernels[] = {
    {Isa::kAvx512, "AdditiveKeys/avx512", AdditiveKeysAvx512},
    {Isa::kAvx2, "AdditiveKeys/avx2", AdditiveKeysAvx2},
    {Isa::kScalar, "AdditiveKeys/scalar", AdditiveKeysScalar},
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

// All keys in blocks, f32 [sequence][block][Hkv][K][16], as in a cache.
struct PackedKeys {
  float* data;
  std::size_t floats;
};

PackedKeys PackAllKeys(const AttentionShape& shape,
                       const AttentionRowsInput& input,
                       std::span<AttentionSequence> sequences,
                       ExecContext::SharedUse use, ExecContext& context) {
  const std::size_t head_block = shape.key_width * kBlock;
  const std::size_t block = shape.kv_heads * head_block;
  std::size_t floats = 0;
  for (const AttentionSequence& s : sequences) {
    floats += BlocksFor(s.cache.length) * block;
  }
  float* const packed = context.Shared(use, floats);
  std::size_t first = 0;
  for (AttentionSequence& s : sequences) {
    s.cache.keys = packed + first;
    first += BlocksFor(s.cache.length) * block;
  }
  ParallelFor(context, sequences.size() * shape.kv_heads,
              static_cast<double>(floats), [&](std::size_t task, std::size_t) {
                const std::size_t b = task / shape.kv_heads;
                const std::size_t head = task % shape.kv_heads;
                const KeyValueBlocks& cache = sequences[b].cache;
                PackKeys(
                    input.keys.Slice(At(input.key_offsets, b), cache.length)
                        .Columns(head * shape.key_width, shape.key_width),
                    packed + (cache.keys - packed) + head * head_block, block);
              });
  return {packed, floats};
}

// What the cores of all entry points take: keys in blocks, values in blocks.
AttentionCall CachedCall(const AttentionShape& shape, Rows<const float> queries,
                         std::span<const AttentionSequence> sequences,
                         Rows<float> out) {
  const std::size_t key_head = shape.key_width * kBlock;
  const std::size_t value_head = shape.value_width * kBlock;
  return {
      .shape = shape,
      .queries = queries,
      .sequences = sequences,
      .out = out,
      .keys = {key_head, shape.kv_heads * key_head, 0},
      .values = {value_head, shape.kv_heads * value_head, shape.value_width}};
}

// The same with values in plain rows.
AttentionCall RowsCall(const AttentionShape& shape,
                       const AttentionRowsInput& input,
                       std::span<const AttentionSequence> sequences,
                       Rows<float> out) {
  AttentionCall call = CachedCall(shape, input.queries, sequences, out);
  const std::size_t stride = input.values.stride;
  call.values = {shape.value_width, kBlock * stride, stride};
  return call;
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

std::span<const Kernel<TileFn>> AdditiveAttentionTileKernels() {
  return kAdditiveTileKernels;
}
std::span<const Kernel<KeysFn>> AdditiveKeysKernels() {
  return kAdditiveKeysKernels;
}

void AdditiveAttentionTile(const AttentionTileArgs& args) noexcept {
  static TileFn* const best = Select(AdditiveAttentionTileKernels());
  best(args);
}

void AdditiveKeys(const float* raw, std::size_t floats, float* keys) noexcept {
  static KeysFn* const best = Select(AdditiveKeysKernels());
  best(raw, floats, keys);
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
  RunAttention(CachedCall(shape, queries, sequences, out), context);
}

void AttentionRows(const AttentionShape& shape, const AttentionRowsInput& input,
                   Rows<float> out, ExecContext& context) {
  std::vector<AttentionSequence> sequences = Sequences(input);
  PackAllKeys(shape, input, sequences, ExecContext::kPackedKeys, context);
  RunAttention(RowsCall(shape, input, sequences, out), context);
}

void AdditiveAttention(const AttentionShape& shape, const float* score_weights,
                       Rows<const float> queries,
                       std::span<const AttentionSequence> sequences,
                       Rows<float> out, ExecContext& context) {
  AttentionCall call = CachedCall(shape, queries, sequences, out);
  call.score_weights = score_weights;
  RunAttention(call, context);
}

void AdditiveAttentionRows(const AttentionShape& shape,
                           const float* score_weights,
                           const AttentionRowsInput& input, Rows<float> out,
                           ExecContext& context) {
  std::vector<AttentionSequence> sequences = Sequences(input);
  const PackedKeys raw =
      PackAllKeys(shape, input, sequences, ExecContext::kRawKeys, context);
  float* keys = context.Shared(ExecContext::kPackedKeys, raw.floats);
  AdditiveKeys(raw.data, raw.floats, keys);
  for (AttentionSequence& s : sequences) {
    s.cache.raw_keys = s.cache.keys;
    s.cache.keys = keys + (s.cache.raw_keys - raw.data);
  }
  AttentionCall call = RowsCall(shape, input, sequences, out);
  call.score_weights = score_weights;
  RunAttention(call, context);
}

}  // namespace tessera::kernels
