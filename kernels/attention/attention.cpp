// Entry points of attention, and the choice of implementations.
#include "kernels/attention/attention.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <vector>

#include "kernels/attention/tasks.h"
#include "kernels/parallel.h"

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

constexpr Implementation<TileFn> kTileKernels[] = {
    {Isa::kAvx512, "AttentionTile/avx512", AttentionTileAvx512},
    {Isa::kAvx2, "AttentionTile/avx2", AttentionTileAvx2},
    {Isa::kScalar, "AttentionTile/scalar", AttentionTileScalar},
};
constexpr Implementation<MergeFn> kMergeKernels[] = {
    {Isa::kAvx512, "AttentionMerge/avx512", AttentionMergeAvx512},
    {Isa::kAvx2, "AttentionMerge/avx2", AttentionMergeAvx2},
    {Isa::kScalar, "AttentionMerge/scalar", AttentionMergeScalar},
};

constexpr Implementation<TileFn> kAdditiveTileKernels[] = {
    {Isa::kAvx512, "AdditiveAttentionTile/avx512", AdditiveAttentionTileAvx512},
    {Isa::kAvx2, "AdditiveAttentionTile/avx2", AdditiveAttentionTileAvx2},
    {Isa::kScalar, "AdditiveAttentionTile/scalar", AdditiveAttentionTileScalar},
};
constexpr Implementation<KeysFn> kAdditiveKeysKernels[] = {
    {Isa::kAvx512, "AdditiveKeys/avx512", AdditiveKeysAvx512},
    {Isa::kAvx2, "AdditiveKeys/avx2", AdditiveKeysAvx2},
    {Isa::kScalar, "AdditiveKeys/scalar", AdditiveKeysScalar},
};

std::size_t At(std::span<const std::int32_t> offsets, std::size_t b) {
  return static_cast<std::size_t>(offsets[b]);
}

// The sequences of a ragged batch, their keys still to be packed.
std::vector<AttentionSequence> Sequences(const AttentionShape& shape,
                                         const AttentionRowsInput& input) {
  std::vector<AttentionSequence> sequences(input.key_offsets.size() - 1);
  float* weights = input.weights;
  for (std::size_t b = 0; b < sequences.size(); ++b) {
    AttentionSequence& s = sequences[b];
    s.first_row = At(input.query_offsets, b);
    s.rows = At(input.query_offsets, b + 1) - s.first_row;
    s.cache.length = At(input.key_offsets, b + 1) - At(input.key_offsets, b);
    s.cache.values = input.values[At(input.key_offsets, b)];
    if (!input.visible_keys.empty()) {
      s.mask.data = input.visible_keys.data() + At(input.key_offsets, b);
    }
    if (!input.query_lengths.empty()) {
      s.query_lengths = input.query_lengths.data() + s.first_row;
    }
    s.weights = weights;
    if (weights) weights += shape.heads * s.rows * s.cache.length;
  }
  return sequences;
}

// Blocks of all sequences behind one another, for each head: f32
// [Hkv][sequence][block][floats]. What one tile reads lies together.
struct PackedHeads {
  float* data;
  std::size_t block;  // floats of one
  std::size_t head;   // floats of all blocks of a head

  std::size_t floats(std::size_t heads) const { return heads * head; }
  PoolStrides strides(std::size_t row) const { return {head, block, row}; }
};

// Room for the blocks of all sequences; Member, of each cache, points to its.
template <const float* KeyValueBlocks::*Member>
PackedHeads Place(std::span<AttentionSequence> sequences, std::size_t heads,
                  std::size_t block, ExecContext::SharedUse use,
                  ExecContext& context) {
  std::size_t blocks = 0;
  for (const AttentionSequence& s : sequences) {
    blocks += BlocksFor(s.cache.length);
  }
  const PackedHeads packed = {context.Shared(use, heads * blocks * block),
                              block, blocks * block};
  std::size_t first = 0;
  for (AttentionSequence& s : sequences) {
    s.cache.*Member = packed.data + first;
    first += BlocksFor(s.cache.length) * block;
  }
  return packed;
}

// Packs each head of each sequence by pack(rows of keys or values, blocks).
template <class Pack>
void PackEach(Rows<const float> rows, std::span<const std::int32_t> offsets,
              const PackedHeads& packed, std::size_t heads,
              ExecContext& context, Pack pack) {
  const std::size_t width = packed.block / kBlock;
  const std::size_t sequences = offsets.size() - 1;
  std::vector<std::size_t> first(sequences);
  for (std::size_t b = 1; b < sequences; ++b) {
    const std::size_t length = At(offsets, b) - At(offsets, b - 1);
    first[b] = first[b - 1] + BlocksFor(length) * packed.block;
  }
  ParallelFor(context, sequences * heads,
              static_cast<double>(packed.floats(heads)),
              [&](std::size_t task, std::size_t) {
                const std::size_t b = task / heads, head = task % heads;
                const std::size_t begin = At(offsets, b);
                pack(rows.Slice(begin, At(offsets, b + 1) - begin)
                         .Columns(head * width, width),
                     packed.data + head * packed.head + first[b]);
              });
}

PackedHeads PackAllKeys(const AttentionShape& shape,
                        const AttentionRowsInput& input,
                        std::span<AttentionSequence> sequences,
                        ExecContext::SharedUse use, ExecContext& context) {
  const PackedHeads packed = Place<&KeyValueBlocks::keys>(
      sequences, shape.kv_heads, shape.key_width * kBlock, use, context);
  PackEach(input.keys, input.key_offsets, packed, shape.kv_heads, context,
           [&](Rows<const float> rows, float* blocks) {
             PackKeys(rows, blocks, packed.block);
           });
  return packed;
}

PackedHeads PackAllValues(const AttentionShape& shape,
                          const AttentionRowsInput& input,
                          std::span<AttentionSequence> sequences,
                          ExecContext& context) {
  const PackedHeads packed = Place<&KeyValueBlocks::values>(
      sequences, shape.kv_heads, shape.value_width * kBlock,
      ExecContext::kPackedValues, context);
  PackEach(input.values, input.key_offsets, packed, shape.kv_heads, context,
           [](Rows<const float> rows, float* blocks) {
             for (std::size_t r = 0; r < rows.rows; ++r) {
               std::memcpy(blocks + r * rows.cols, rows[r],
                           rows.cols * sizeof(float));
             }
           });
  return packed;
}

// Queries of one sequence from which on values are packed too. Read in place,
// the rows of a head stand 4 KB apart for 8 heads of 128: they fall into few
// sets of the caches, and take a page each (T = 512: 20 % slower on AVX2).
constexpr std::size_t kRowsThatPackValues = 128;

bool PacksValues(std::span<const AttentionSequence> sequences) {
  return std::ranges::any_of(sequences, [](const AttentionSequence& s) {
    return s.rows >= kRowsThatPackValues;
  });
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

// The same with packed keys, and values packed or in plain rows.
AttentionCall RowsCall(const AttentionShape& shape,
                       const AttentionRowsInput& input, const PackedHeads& keys,
                       std::span<AttentionSequence> sequences, Rows<float> out,
                       ExecContext& context) {
  AttentionCall call = CachedCall(shape, input.queries, sequences, out);
  call.keys = keys.strides(0);
  if (PacksValues(sequences)) {
    call.values = PackAllValues(shape, input, sequences, context)
                      .strides(shape.value_width);
  } else {
    const std::size_t stride = input.values.stride;
    call.values = {shape.value_width, kBlock * stride, stride};
  }
  return call;
}

}  // namespace

std::span<const Implementation<TileFn>> AttentionTileKernels() {
  return kTileKernels;
}
std::span<const Implementation<MergeFn>> AttentionMergeKernels() {
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

std::span<const Implementation<TileFn>> AdditiveAttentionTileKernels() {
  return kAdditiveTileKernels;
}
std::span<const Implementation<KeysFn>> AdditiveKeysKernels() {
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
  std::vector<AttentionSequence> sequences = Sequences(shape, input);
  const PackedHeads keys =
      PackAllKeys(shape, input, sequences, ExecContext::kPackedKeys, context);
  RunAttention(RowsCall(shape, input, keys, sequences, out, context), context);
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
  std::vector<AttentionSequence> sequences = Sequences(shape, input);
  const PackedHeads raw =
      PackAllKeys(shape, input, sequences, ExecContext::kRawKeys, context);
  const std::size_t floats = raw.floats(shape.kv_heads);
  float* keys = context.Shared(ExecContext::kPackedKeys, floats);
  AdditiveKeys(raw.data, floats, keys);
  for (AttentionSequence& s : sequences) {
    s.cache.raw_keys = s.cache.keys;
    s.cache.keys = keys + (s.cache.raw_keys - raw.data);
  }
  AttentionCall call = RowsCall(shape, input, raw, sequences, out, context);
  call.score_weights = score_weights;
  RunAttention(call, context);
}

}  // namespace tessera::kernels
