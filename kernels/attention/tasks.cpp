// Cuts attention into tiles: a head and up to kTileRows queries each and, when
// threads would be idle, a chunk of keys each.
#include "kernels/attention/tasks.h"

#include <algorithm>
#include <numeric>

#include "kernels/attention/tile/tile.h"
#include "kernels/parallel.h"

namespace tessera::kernels {
namespace {

// What each row of a tile sees, and the chunks that hold it.
struct Visible {
  std::int32_t begins[kTileRows];
  std::int32_t ends[kTileRows];
  std::size_t first_chunk = 0;
  std::size_t end_chunk = 0;
};

// A tile: rows [first, first + rows) of a sequence's queries, for one head.
struct Tile {
  const AttentionSequence& sequence;
  std::size_t head;
  std::size_t first;
  std::size_t rows;
};

Visible FindVisible(const AttentionShape& shape, const Tile& tile) {
  const auto keys = static_cast<std::int64_t>(tile.sequence.cache.length);
  const auto queries = static_cast<std::int64_t>(tile.sequence.rows);
  const auto window = static_cast<std::int64_t>(shape.window);
  Visible visible;
  std::int64_t from = keys, to = 0;
  for (std::size_t r = 0; r < tile.rows; ++r) {
    const std::size_t query = tile.first + r;
    const std::int64_t position =
        static_cast<std::int64_t>(query) + keys - queries;
    std::int64_t begin = 0, end = keys;
    if (shape.causal) end = std::min(end, position + 1);
    if (window > 0) {
      begin = std::max(begin, position - window + 1);
      end = std::min(end, position + window);
    }
    if (const std::int32_t* lengths = tile.sequence.query_lengths) {
      end = std::min<std::int64_t>(end, lengths[query]);
    }
    if (begin >= end) begin = end = 0;
    visible.begins[r] = static_cast<std::int32_t>(begin);
    visible.ends[r] = static_cast<std::int32_t>(end);
    if (begin == end) continue;
    from = std::min(from, begin);
    to = std::max(to, end);
  }
  if (from >= to) return visible;
  visible.first_chunk = static_cast<std::size_t>(from) / kChunkKeys;
  visible.end_chunk = (static_cast<std::size_t>(to) - 1) / kChunkKeys + 1;
  return visible;
}

float Sum(std::span<const float> values) {
  return std::accumulate(values.begin(), values.end(), 0.0f);
}

void RunTile(const AttentionCall& call, const AttentionTileArgs& args) {
  const TileChoice& tiles = ChooseTiles(args.type, args.score);
  const bool few = args.places || call.shape.alike;
  (few ? *tiles.best_for_few : tiles.For(args.sequence_rows)).run(args);
}

// A pointer into what is there.
const char* Within(const void* p, std::size_t bytes) {
  return p ? static_cast<const char*>(p) + bytes : nullptr;
}

AttentionTileArgs TileArgs(const AttentionCall& call, const Tile& tile,
                           const Visible& visible, float* scratch) {
  const AttentionShape& shape = call.shape;
  const AttentionSequence& sequence = tile.sequence;
  const KeyValueBlocks& cache = sequence.cache;
  const KeyPlaces& places = sequence.places;
  const std::size_t kv_head = tile.head / (shape.heads / shape.kv_heads);
  const std::size_t row = sequence.first_row + tile.first;
  const auto head = static_cast<std::ptrdiff_t>(tile.head);
  const auto first = static_cast<std::ptrdiff_t>(tile.first);
  const ScoreBias& bias = sequence.bias;
  const ScoreMask& mask = sequence.mask;
  std::span<const float> score_weights;
  if (shape.score == Score::kAdditive) {
    score_weights = {shape.score_weights + tile.head * shape.key_width,
                     shape.key_width};
  }
  return {
      .type = call.type,
      .score = shape.score,
      .normaliser = shape.normaliser,
      .query_type = call.queries.type,
      .queries = call.queries.At(row, tile.head * shape.key_width),
      .query_stride = call.queries.stride,
      .query_width = shape.key_width,
      .rows = tile.rows,
      .sequence_rows = sequence.rows,
      .keys = Within(cache.keys, kv_head * call.keys.head_bytes),
      .raw_keys = Within(cache.raw_keys, kv_head * call.keys.head_bytes),
      .key_block_bytes = call.keys.block_bytes,
      .values = Within(cache.values, kv_head * call.values.head_bytes),
      .value_block_bytes = call.values.block_bytes,
      .value_row_bytes = call.values.row_bytes,
      .table = cache.table,
      .places =
          places.data ? places.data + tile.first * places.row_stride : nullptr,
      .place_stride = places.row_stride,
      .stored = places.data ? places.stored : cache.length,
      .key_width = WholeWords(call.type, shape.key_width),
      .value_width = shape.value_width,
      .begins = visible.begins,
      .ends = visible.ends,
      .length = cache.length,
      .scale = shape.scale,
      .bias = bias.data ? bias.data + head * bias.head_stride +
                              first * bias.row_stride
                        : nullptr,
      .bias_stride = bias.row_stride,
      .allowed = mask.data ? mask.data + tile.head * mask.head_stride +
                                 tile.first * mask.row_stride
                           : nullptr,
      .allowed_stride = mask.row_stride,
      .score_weights = score_weights.data(),
      .score_weight_sum = Sum(score_weights),
      .first_chunk = visible.first_chunk,
      .end_chunk = visible.end_chunk,
      .partials = nullptr,
      .out = call.out[row] + tile.head * shape.value_width,
      .out_stride = call.out.stride,
      .weights =
          sequence.weights
              ? sequence.weights +
                    (tile.head * sequence.rows + tile.first) * cache.length
              : nullptr,
      .weight_stride = cache.length,
      .scratch = scratch,
  };
}

// How a call is cut. Tiles of all sequences are numbered as if each had as many
// as the longest; the numbers that a shorter one lacks are skipped.
class Plan {
 public:
  Plan(const AttentionCall& call, std::size_t threads) : call_(call) {
    bool weights = false;
    std::size_t most_rows = 0, most_keys = 0;
    for (const AttentionSequence& sequence : call.sequences) {
      most_rows = std::max(most_rows, sequence.rows);
      most_keys = std::max(most_keys, sequence.cache.length);
      weights = weights || sequence.weights;
      pairs_ += static_cast<double>(sequence.rows) *
                static_cast<double>(sequence.cache.length);
    }
    tiles_of_head_ = (most_rows + kTileRows - 1) / kTileRows;
    rows_ = std::min(most_rows, kTileRows);
    chunks_ = (most_keys + kChunkKeys - 1) / kChunkKeys;
    split_ = threads > 1 && chunks_ > 1 && !weights && tiles() < 2 * threads;
  }

  std::size_t tiles() const {
    return call_.sequences.size() * call_.shape.heads * tiles_of_head_;
  }
  // Whether chunks of one tile go to different threads.
  bool split() const { return split_; }
  std::size_t chunks() const { return chunks_; }

  // f32 of partial results of one tile, all its chunks.
  std::size_t partial_floats() const {
    return chunks_ * rows_ * PartialFloats(call_.shape.value_width);
  }
  double flops() const {
    return 2 * pairs_ *
           static_cast<double>(call_.shape.heads * (call_.shape.key_width +
                                                    call_.shape.value_width));
  }

  // Calls body(tile) for tile number `index`, if there is one. Causal tiles are
  // numbered 0, last, 1, last - 1, ...: equal runs of them cost the same.
  template <class Body>
  void WithTile(std::size_t index, Body&& body) const {
    std::size_t place = index % tiles_of_head_;
    if (call_.shape.causal) {
      place = place % 2 == 0 ? place / 2 : tiles_of_head_ - 1 - place / 2;
    }
    const std::size_t head = index / tiles_of_head_ % call_.shape.heads;
    const AttentionSequence& sequence =
        call_.sequences[index / tiles_of_head_ / call_.shape.heads];
    const std::size_t first = place * kTileRows;
    if (first >= sequence.rows) return;
    body(Tile{sequence, head, first,
              std::min(kTileRows, sequence.rows - first)});
  }

 private:
  const AttentionCall& call_;
  std::size_t tiles_of_head_ = 0;  // of the longest sequence
  std::size_t rows_ = 0;           // of the largest tile
  std::size_t chunks_ = 0;         // of keys, of the longest sequence
  double pairs_ = 0;               // of a query and a key
  bool split_ = false;
};

void RunWholeTiles(const AttentionCall& call, const Plan& plan,
                   ExecContext& context) {
  ParallelFor(
      context, plan.tiles(), plan.flops(),
      [&](std::size_t index, std::size_t thread) {
        plan.WithTile(index, [&](const Tile& tile) {
          const Visible visible = FindVisible(call.shape, tile);
          RunTile(call, TileArgs(call, tile, visible, context.Scratch(thread)));
        });
      });
}

// Few tiles and many keys: chunks in any order, then their results in order.
void RunChunks(const AttentionCall& call, const Plan& plan,
               ExecContext& context) {
  float* partials = context.Shared<float>(kPartialResults,
                                          plan.tiles() * plan.partial_floats());
  const auto run = [&](std::size_t index, std::size_t thread, auto&& use_args) {
    plan.WithTile(index, [&](const Tile& tile) {
      const Visible visible = FindVisible(call.shape, tile);
      AttentionTileArgs args =
          TileArgs(call, tile, visible, context.Scratch(thread));
      args.partials = partials + index * plan.partial_floats();
      use_args(args);
    });
  };
  ParallelFor(context, plan.tiles() * plan.chunks(), plan.flops(),
              [&](std::size_t task, std::size_t thread) {
                run(task / plan.chunks(), thread, [&](AttentionTileArgs& args) {
                  const std::size_t chunk = task % plan.chunks();
                  if (chunk < args.first_chunk || chunk >= args.end_chunk) {
                    return;
                  }
                  args.first_chunk = chunk;
                  args.end_chunk = chunk + 1;
                  RunTile(call, args);
                });
              });
  ParallelFor(context, plan.tiles(), 0,
              [&](std::size_t index, std::size_t thread) {
                run(index, thread,
                    [](AttentionTileArgs& args) { AttentionMerge(args); });
              });
}

}  // namespace

Cost CostOf(const AttentionShape& shape,
            std::span<const AttentionSequence> sequences, ElementType type) {
  const auto width = static_cast<double>(shape.key_width + shape.value_width);
  Cost cost;
  for (const AttentionSequence& s : sequences) {
    const auto rows = static_cast<double>(s.rows);
    const auto keys = static_cast<double>(s.cache.length);
    // Causal: query i of n sees m - n + i + 1 keys.
    const double seen = shape.causal ? keys - (rows - 1) / 2 : keys;
    cost.flops += 2 * rows * seen * width * static_cast<double>(shape.heads);
    cost.bytes += keys * width * static_cast<double>(shape.kv_heads) *
                  static_cast<double>(BytesOf(type));
    cost.bytes += rows * width * static_cast<double>(shape.heads) *
                  static_cast<double>(sizeof(float));
  }
  return cost;
}

void RunAttention(const AttentionCall& call, ExecContext& context) {
  const Plan plan(call, context.threads());
  if (plan.tiles() == 0) return;
  const TileChoice& tiles = ChooseTiles(call.type, call.shape.score);
  context.ReserveScratch(tiles.Scratch(
      WholeWords(call.type, call.shape.key_width), call.shape.value_width));
  if (plan.split()) {
    RunChunks(call, plan, context);
  } else {
    RunWholeTiles(call, plan, context);
  }
}

}  // namespace tessera::kernels
