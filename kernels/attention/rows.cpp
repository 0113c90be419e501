// Attention over plain rows: packs keys, and values where that pays.
#include <algorithm>
#include <vector>

#include "kernels/attention/attention.h"
#include "kernels/attention/tasks.h"
#include "kernels/parallel.h"

namespace tessera::kernels {
namespace {

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
    s.cache.type = input.keys.type;
    s.cache.length = At(input.key_offsets, b + 1) - At(input.key_offsets, b);
    s.cache.values = input.values.At(At(input.key_offsets, b), 0);
    if (!input.visible_keys.empty()) {
      s.mask.data = input.visible_keys.data() + At(input.key_offsets, b);
    }
    if (!input.query_lengths.empty()) {
      s.query_lengths = input.query_lengths.data() + s.first_row;
    }
    s.bias = input.bias;
    s.weights = weights;
    if (weights) weights += shape.heads * s.rows * s.cache.length;
  }
  return sequences;
}

// Blocks of all sequences behind one another, for each head:
// [Hkv][sequence][block]. What one tile reads lies together.
struct PackedHeads {
  char* data;
  std::size_t block_bytes;         // of one
  std::size_t head_bytes;          // of all blocks of a head
  std::vector<std::size_t> first;  // bytes of each sequence's, within a head

  PoolStrides strides(std::size_t row_bytes) const {
    return {head_bytes, block_bytes, row_bytes};
  }
};

using PackFn = decltype(PackKeys);

// Packs each head of each sequence, of rows of keys or values.
PackedHeads PackAll(const TypedRows& rows, std::size_t heads, PackFn* pack,
                    std::span<const AttentionSequence> sequences,
                    std::span<const std::int32_t> offsets, SharedSlot slot,
                    ExecContext& context) {
  const std::size_t width = rows.cols / heads;
  const BlockLayout layout = {.kv_heads = 1,
                              .key_width = width,
                              .value_width = width,
                              .type = rows.type};
  PackedHeads packed = {.data = nullptr,
                        .block_bytes = pack == PackKeys ? layout.key_bytes()
                                                        : layout.value_bytes(),
                        .head_bytes = 0,
                        .first = {}};
  for (const AttentionSequence& s : sequences) {
    packed.first.push_back(packed.head_bytes);
    packed.head_bytes += BlocksFor(s.cache.length) * packed.block_bytes;
  }
  packed.data = context.Shared<char>(slot, heads * packed.head_bytes);
  ParallelFor(context, sequences.size() * heads,
              static_cast<double>(rows.rows * rows.cols),
              [&](std::size_t task, std::size_t) {
                const std::size_t b = task / heads, head = task % heads;
                pack(rows.Slice(At(offsets, b), sequences[b].cache.length)
                         .Columns(head * width, width),
                     rows.type,
                     packed.data + head * packed.head_bytes + packed.first[b],
                     packed.block_bytes);
              });
  return packed;
}

// Queries of one sequence from which on f32 values are packed too. Read in
// place, the rows of a head stand 4 KB apart for 8 heads of 128: they fall into
// few sets of the caches, and take a page each (T = 512: 20 % slower on AVX2).
constexpr std::size_t kRowsThatPackValues = 128;

bool PacksValues(std::span<const AttentionSequence> sequences,
                 ElementType type) {
  return type != ElementType::kF32 ||
         std::ranges::any_of(sequences, [](const AttentionSequence& s) {
           return s.rows >= kRowsThatPackValues;
         });
}

// The same blocks as tiles of additive scores read them.
const char* PrepareAll(const PackedHeads& raw, std::size_t heads,
                       ElementType type, ExecContext& context) {
  const std::size_t bytes = heads * raw.head_bytes;
  char* const keys = context.Shared<char>(kPreparedKeys, bytes);
  PrepareKeys(type, raw.data, bytes, keys);
  return keys;
}

}  // namespace

void AttentionRows(const AttentionShape& shape, const AttentionRowsInput& input,
                   Rows<float> out, ExecContext& context) {
  std::vector<AttentionSequence> sequences = Sequences(shape, input);
  const ProfileSpan span(context, "attention", [&] {
    return CostOf(shape, sequences, input.keys.type);
  });
  const PackedHeads keys =
      PackAll(input.keys, shape.kv_heads, PackKeys, sequences,
              input.key_offsets, kPackedKeys, context);
  const bool additive = shape.score == Score::kAdditive;
  const char* const prepared =
      additive ? PrepareAll(keys, shape.kv_heads, input.keys.type, context)
               : keys.data;
  for (std::size_t b = 0; b < sequences.size(); ++b) {
    sequences[b].cache.keys = prepared + keys.first[b];
    if (additive) sequences[b].cache.raw_keys = keys.data + keys.first[b];
  }
  AttentionCall call = {.shape = shape,
                        .queries = input.queries,
                        .sequences = sequences,
                        .out = out,
                        .type = input.keys.type,
                        .keys = keys.strides(0),
                        .values = {}};
  if (PacksValues(sequences, call.type)) {
    const PackedHeads values =
        PackAll(input.values, shape.kv_heads, PackValues, sequences,
                input.key_offsets, kPackedValues, context);
    for (std::size_t b = 0; b < sequences.size(); ++b) {
      sequences[b].cache.values = values.data + values.first[b];
    }
    call.values = values.strides(shape.value_width * sizeof(float));
  } else {
    const std::size_t row_bytes = input.values.stride * sizeof(float);
    call.values = {shape.value_width * sizeof(float),
                   kPositionsPerBlock * row_bytes, row_bytes};
  }
  RunAttention(call, context);
}

}  // namespace tessera::kernels
