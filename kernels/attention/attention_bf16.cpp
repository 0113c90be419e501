// Entry points of bf16 attention, and the choice of implementations.
#include "kernels/attention/attention_bf16.h"

#include <algorithm>
#include <vector>

#include "kernels/attention/cache/key_value_blocks_bf16.h"
#include "kernels/attention/tasks.h"
#include "kernels/parallel.h"

namespace tessera::kernels {

namespace {

using TileFn = decltype(AttentionTileBf16);

// The first of the list multiplies 16 rows at a time, however few there are.
TileFn* BestForMany() { return Select(AttentionTileBf16Kernels()); }
TileFn* BestForFew() { return Select(AttentionTileBf16Kernels().subspan(1)); }

std::size_t RoundUp(std::size_t n, std::size_t to) {
  return (n + to - 1) / to * to;
}

// What AttentionTileBf16/amx takes: LayOutAmx.
std::size_t AmxScratch(std::size_t key_width, std::size_t value_width) {
  constexpr std::size_t kGroupRows = 32;
  const std::size_t k = RoundUp(key_width, 32), c = RoundUp(value_width, 32);
  const std::size_t key_tiles = k == key_width ? 0 : kTileKeys * k / 2;
  return kGroupRows * (kTileKeys + 16 + c) + kTileRows * (k / 2 + 2) +
         key_tiles + kTileKeys * c / 2 + kTileRows * value_width +
         PartialFloats(value_width);
}

AttentionCall CachedCall(const AttentionShape& shape,
                         std::span<const AttentionSequence> sequences,
                         Rows<float> out) {
  const std::size_t key_head = Bf16KeyElements(shape.key_width);
  const std::size_t value_head = Bf16ValueElements(shape.value_width);
  return {.shape = shape,
          .queries = {},
          .sequences = sequences,
          .out = out,
          .keys = {key_head, shape.kv_heads * key_head, 0},
          .values = {value_head, shape.kv_heads * value_head, 0},
          .bf16 = true};
}

std::size_t At(std::span<const std::int32_t> offsets, std::size_t b) {
  return static_cast<std::size_t>(offsets[b]);
}

// The sequences of a ragged batch, their blocks still to be placed.
std::vector<AttentionSequence> Sequences(const AttentionRowsBf16Input& input) {
  std::vector<AttentionSequence> sequences(input.key_offsets.size() - 1);
  for (std::size_t b = 0; b < sequences.size(); ++b) {
    AttentionSequence& s = sequences[b];
    s.first_row = At(input.query_offsets, b);
    s.rows = At(input.query_offsets, b + 1) - s.first_row;
    s.cache.length = At(input.key_offsets, b + 1) - At(input.key_offsets, b);
  }
  return sequences;
}

// Places the blocks of all sequences behind one another in `context`: bf16
// [sequence][block][Hkv] of keys, then the same of values.
struct SharedBlocks {
  Bf16* keys;
  Bf16* values;
  std::vector<std::size_t> first;  // block of each sequence
};

SharedBlocks Place(const AttentionCall& call,
                   std::span<AttentionSequence> sequences,
                   ExecContext& context) {
  SharedBlocks shared;
  std::size_t blocks = 0;
  for (const AttentionSequence& s : sequences) {
    shared.first.push_back(blocks);
    blocks += BlocksFor(s.cache.length);
  }
  // An even number of bf16 in either pool: blocks have 16 positions.
  const std::size_t elements = blocks * (call.keys.block + call.values.block);
  shared.keys = reinterpret_cast<Bf16*>(
      context.Shared(ExecContext::kPackedKeys, elements / 2));
  shared.values = shared.keys + blocks * call.keys.block;
  for (std::size_t b = 0; b < sequences.size(); ++b) {
    KeyValueBlocks& cache = sequences[b].cache;
    cache.bf16_keys = shared.keys + shared.first[b] * call.keys.block;
    cache.bf16_values = shared.values + shared.first[b] * call.values.block;
  }
  return shared;
}

// Packs one head of one sequence.
void PackHead(const AttentionCall& call, const AttentionRowsBf16Input& input,
              const SharedBlocks& shared, std::size_t b, std::size_t head) {
  const AttentionShape& shape = call.shape;
  const std::size_t first = At(input.key_offsets, b);
  const std::size_t length = call.sequences[b].cache.length;
  PackKeysBf16(
      input.keys.Slice(first, length)
          .Columns(head * shape.key_width, shape.key_width),
      shared.keys + shared.first[b] * call.keys.block + head * call.keys.head,
      call.keys.block);
  PackValuesBf16(input.values.Slice(first, length)
                     .Columns(head * shape.value_width, shape.value_width),
                 shared.values + shared.first[b] * call.values.block +
                     head * call.values.head,
                 call.values.block);
}

}  // namespace

void AttentionTileBf16(const AttentionTileArgs& args) noexcept {
  static TileFn* const many = BestForMany();
  static TileFn* const few = BestForFew();
  (args.sequence_rows < kAttentionBf16ManyRows ? few : many)(args);
}

std::size_t AttentionTileBf16Scratch(std::size_t key_width,
                                     std::size_t value_width) {
  const std::size_t few = AttentionTileScratch(key_width, value_width);
  if (BestForMany() == BestForFew()) return few;
  return std::max(few, AmxScratch(key_width, value_width));
}

void AttentionBf16(const AttentionShape& shape, Rows<const float> queries,
                   std::span<const AttentionSequence> sequences,
                   Rows<float> out, ExecContext& context) {
  AttentionCall call = CachedCall(shape, sequences, out);
  call.queries = queries;
  RunAttention(call, context);
}

void AttentionBf16(const AttentionShape& shape, Rows<const Bf16> queries,
                   std::span<const AttentionSequence> sequences,
                   Rows<float> out, ExecContext& context) {
  AttentionCall call = CachedCall(shape, sequences, out);
  call.bf16_queries = queries;
  RunAttention(call, context);
}

void AttentionRowsBf16(const AttentionShape& shape,
                       const AttentionRowsBf16Input& input, Rows<float> out,
                       ExecContext& context) {
  std::vector<AttentionSequence> sequences = Sequences(input);
  AttentionCall call = CachedCall(shape, sequences, out);
  call.bf16_queries = input.queries;
  const SharedBlocks shared = Place(call, sequences, context);
  const double elements =
      static_cast<double>(input.keys.rows) *
      static_cast<double>(input.keys.cols + input.values.cols);
  ParallelFor(context, sequences.size() * shape.kv_heads, elements,
              [&](std::size_t task, std::size_t) {
                PackHead(call, input, shared, task / shape.kv_heads,
                         task % shape.kv_heads);
              });
  RunAttention(call, context);
}

}  // namespace tessera::kernels
