// The decoder, over the rows of a step.
#include "models/layers/decoder.h"

#include <algorithm>

#include "kernels/denormals.h"
#include "kernels/gemm/multiply.h"
#include "kernels/profile.h"
#include "models/layers/stack.h"

namespace tessera::models {

using kernels::AlignedBuffer;
using kernels::Dense;
using kernels::ExecContext;
using kernels::Rows;

namespace {

kernels::BlockLayout CacheLayout(const StackShape& shape,
                                 kernels::ElementType type) {
  return {.kv_heads = shape.attention.heads,
          .key_width = shape.attention.key_width,
          .value_width = shape.attention.value_width,
          .type = type,
          .raw_keys = shape.attention.score == Score::kAdditive};
}

// Outputs of up to this many tokens find their biases when a state is opened;
// longer ones have them made when a step gets there, twice as many each time.
constexpr std::size_t kFirstBiasPositions = 256;

// Sequences whose cache is written and read in turn, where one thread does it:
// 8 sentences of 4 beams and 11 tokens take 512 KiB, which stay in L2 between
// the two.
constexpr std::size_t kSequencesAtATime = 8;

// Where a step writes the weights of a layer.
float* AddMap(std::vector<AttentionMap>& maps, std::size_t heads,
              const kernels::AttentionSequence& sequence) {
  maps.emplace_back(heads, sequence.rows, sequence.cache.length);
  return maps.back().weights.data();
}

}  // namespace

DecoderState::DecoderState(const StackShape& shape, const PaddingRule& padding,
                           std::size_t work_floats, const DecoderRoom& room)
    : rows(shape.layers, CacheLayout(shape, room.cache), room.sentences,
           room.rows),
      sentences(shape.layers, CacheLayout(shape, room.cache), room.sentences),
      visibility(padding, room.rows, room.positions),
      asked(room.rows),
      work(work_floats) {
  Reserve(shape, room.rows);
  self_sequences.reserve(room.rows);
  self_rows.reserve(room.rows);
  cross_sequences.reserve(room.sentences);
  cross_slots.reserve(room.sentences);
}

void DecoderState::Reserve(const StackShape& shape, std::size_t tokens) {
  const AttentionForm& form = shape.attention;
  positions.reserve(tokens);
  if (x.size() >= tokens * shape.width) return;
  x = AlignedBuffer<float>(tokens * shape.width);
  qkv = AlignedBuffer<float>(tokens *
                             (2 * form.key_columns() + form.value_columns()));
  heads = AlignedBuffer<float>(tokens * form.value_columns());
  out = AlignedBuffer<float>(tokens * shape.width);
  if (shape.norm.first) normed = AlignedBuffer<float>(tokens * shape.width);
}

// A layer's branches are part of its cross-attention.
Decoder::Layer::Layer(const MatrixSource& source, const StackShape& shape)
    : self_attention(source.Within("self_attention"), shape),
      self_output(source, "self_attention", shape, Branches::kNone),
      self_norm(source.Within("self_attention.norm"), shape),
      cross_attention(source.Within("cross_attention"), shape),
      cross_output(source, "cross_attention", shape, shape.branches),
      cross_norm(source.Within("cross_attention.norm"), shape),
      end(source, shape) {}

Decoder::Decoder(const MatrixSource& source, const StackShape& shape)
    : shape_(shape),
      biases_(source, shape),
      layers_(ReadLayers<Layer>(source, shape)),
      last_norm_(ReadLastNorm(source, shape)) {}

DecoderState Decoder::Open(const DecoderRoom& room,
                           const PaddingRule& padding) const {
  std::size_t work = 0;
  if (!layers_.empty()) {
    work = std::max(layers_[0].cross_output.work_floats(),
                    layers_[0].end.work_floats());
  }
  DecoderState state(shape_, padding, work, room);
  ReserveBiases(std::min(room.positions, kFirstBiasPositions), state);
  return state;
}

void Decoder::ReserveBiases(std::size_t positions, DecoderState& state) const {
  if (biases_.empty() || positions <= state.bias_positions) return;
  state.bias_positions = std::max(positions, 2 * state.bias_positions);
  state.biases.resize(biases_.floats(state.bias_positions));
  biases_.Fill(state.bias_positions, state.biases.data());
}

void Decoder::Admit(const EncoderStates& encoded,
                    std::span<const std::int32_t> slots, DecoderState& state,
                    ExecContext& context) const {
  const kernels::FlushDenormals flush;
  const std::size_t width = shape_.width;
  const std::size_t keys = shape_.attention.key_columns();
  const std::size_t values = shape_.attention.value_columns();
  const auto tokens = static_cast<std::size_t>(encoded.offsets.back());
  const auto first = [&](std::size_t b) {
    return static_cast<std::size_t>(encoded.offsets[b]);
  };
  for (std::size_t b = 0; b < slots.size(); ++b) {
    const std::size_t length = first(b + 1) - first(b);
    std::span<const std::uint8_t> visible = encoded.visible;
    if (!visible.empty()) visible = visible.subspan(first(b), length);
    state.sentences.Reset(static_cast<std::size_t>(slots[b]), length, visible);
  }
  const Rows<float> kv =
      Dense(context.Work(tokens * (keys + values)), tokens, keys + values);
  const kernels::ProfileScope scope(context, {.block = "cross-attention"});
  for (std::size_t layer = 0; layer < layers_.size(); ++layer) {
    const kernels::ProfileScope part(context,
                                     {.layer = static_cast<int>(layer)});
    Multiply(Dense(encoded.states.data(), tokens, width),
             layers_[layer].cross_attention.kv,
             {.activation = shape_.attention.activation}, kv, context);
    const kernels::ProfileSpan span(context, "cache");
    for (std::size_t b = 0; b < slots.size(); ++b) {
      const Rows<float> own = kv.Slice(first(b), first(b + 1) - first(b));
      state.sentences.Set(layer, static_cast<std::size_t>(slots[b]),
                          own.Columns(0, keys), own.Columns(keys, values));
    }
  }
}

void Decoder::Begin(std::span<const StepRow> rows, DecoderState& state) const {
  state.positions.clear();
  state.self_sequences.clear();
  state.self_rows.clear();
  state.cross_sequences.clear();
  state.cross_slots.clear();
  state.asked.Clear();
  state.rows.Advance(rows);
  state.visibility.Advance(rows);
  std::size_t longest = 0;
  for (std::size_t r = 0; r < rows.size(); ++r) {
    const std::size_t first = state.positions.size();
    const std::size_t tokens = rows[r].tokens.size();
    const std::size_t length = state.rows.length(r);
    longest = std::max(longest, length);
    for (std::size_t p = length - tokens; p < length; ++p) {
      state.positions.push_back(static_cast<std::int32_t>(p));
    }
    if (state.cross_slots.empty() ||
        state.cross_slots.back() != rows[r].sentence) {
      state.cross_slots.push_back(rows[r].sentence);
      state.cross_sequences.push_back({.first_row = first, .rows = 0});
    }
    kernels::AttentionSequence& cross = state.cross_sequences.back();
    if (rows[r].attention != nullptr) {
      state.asked.Add({.sequence = state.cross_sequences.size() - 1,
                       .first = cross.rows,
                       .tokens = tokens,
                       .to = rows[r].attention});
    }
    cross.rows += tokens;
  }
  JoinRows(rows, state);
  state.Reserve(shape_, state.positions.size());
  ReserveBiases(longest, state);
}

// Rows of a sentence attend to their cache together if each reads one token,
// they are equally long, and nothing is hidden from one of them.
void Decoder::JoinRows(std::span<const StepRow> rows,
                       DecoderState& state) const {
  const bool one_each = state.positions.size() == rows.size();
  std::size_t first = 0;
  for (std::size_t r = 0; r < rows.size(); ++r) {
    const bool joins =
        r > 0 && one_each && rows[r].sentence == rows[r - 1].sentence &&
        state.rows.length(r) == state.rows.length(r - 1) &&
        !state.visibility.Hides(r) && !state.visibility.Hides(r - 1);
    const std::size_t tokens = rows[r].tokens.size();
    if (joins) {
      ++state.self_sequences.back().rows;
    } else {
      state.self_rows.push_back(r);
      state.self_sequences.push_back({.first_row = first, .rows = tokens});
    }
    first += tokens;
  }
}

// Puts the keys and values of sequences [first, end) into the cache, and its
// views into them.
void Decoder::WriteCache(std::size_t layer, std::size_t first, std::size_t end,
                         Rows<const float> qkv, DecoderState& state) const {
  const std::size_t width = shape_.attention.key_columns();
  const Rows<const float> keys = qkv.Columns(width, width);
  const Rows<const float> values =
      qkv.Columns(2 * width, shape_.attention.value_columns());
  const bool one_each = state.positions.size() == state.rows.size();
  for (std::size_t s = first; s < end; ++s) {
    kernels::AttentionSequence& sequence = state.self_sequences[s];
    const std::size_t row = state.self_rows[s];
    for (std::size_t i = 0; i < sequence.rows; ++i) {
      const std::size_t token = sequence.first_row + i;
      state.rows.Write(layer, one_each ? token : row,
                       static_cast<std::size_t>(state.positions[token]),
                       keys.Slice(token, 1), values.Slice(token, 1));
    }
    sequence.cache = state.rows.View(layer, row);
    sequence.places = {};
    const bool joined = one_each && sequence.rows > 1;
    if (joined || !state.rows.straight(row)) {
      sequence.places = state.rows.places(row);
    }
    const std::size_t tokens = joined ? 1 : sequence.rows;
    sequence.bias = biases_.View(layer, sequence.cache.length - tokens,
                                 state.bias_positions, state.biases.data());
    if (joined) {
      sequence.bias.row_stride = 0;  // they are at one position
    } else {
      sequence.places.row_stride = 0;  // all tokens of a row have its path
    }
    state.visibility.Apply(layer, row, sequence);
  }
}

void Decoder::SelfAttend(std::size_t layer, Rows<float> x, DecoderState& state,
                         ExecContext& context, StepMaps* maps) const {
  const kernels::ProfileScope scope(context, {.block = "self-attention"});
  const Layer& own = layers_[layer];
  const AttentionForm& form = shape_.attention;
  const std::size_t keys = form.key_columns(), values = form.value_columns();
  const Rows<float> qkv = Dense(state.qkv.data(), x.rows, 2 * keys + values);
  const Rows<float> heads = Dense(state.heads.data(), x.rows, values);
  const Rows<float> normed = Dense(state.normed.data(), x.rows, x.cols);
  Multiply(own.self_norm.Input(x, normed, context), own.self_attention.qkv,
           {.activation = form.activation}, qkv, context);
  // A row that reads one token sees all of its path.
  kernels::AttentionShape attention = form.shape(own.self_attention.score);
  attention.causal = x.rows > state.rows.size();
  const std::size_t all = state.self_sequences.size();
  const std::size_t most = context.threads() == 1 ? kSequencesAtATime : all;
  for (std::size_t first = 0; first < all; first += most) {
    const std::size_t end = std::min(first + most, all);
    {
      const kernels::ProfileSpan span(context, "cache");
      WriteCache(layer, first, end, qkv, state);
    }
    if (maps) {
      kernels::AttentionSequence& sequence = state.self_sequences[0];
      sequence.weights = AddMap(maps->self, form.heads, sequence);
    }
    Attention(attention, qkv.Columns(0, keys),
              std::span(state.self_sequences).subspan(first, end - first),
              heads, context);
  }
  own.self_norm.Finish(
      x,
      own.self_output.Apply(heads, state.work.data(),
                            Dense(state.out.data(), x.rows, x.cols), context),
      context);
}

void Decoder::CrossAttend(std::size_t layer, Rows<float> x, DecoderState& state,
                          ExecContext& context, StepMaps* maps) const {
  const kernels::ProfileScope scope(context, {.block = "cross-attention"});
  const Layer& own = layers_[layer];
  const AttentionForm& form = shape_.attention;
  const Rows<float> queries =
      Dense(state.qkv.data(), x.rows, form.key_columns());
  const Rows<float> heads =
      Dense(state.heads.data(), x.rows, form.value_columns());
  const Rows<float> normed = Dense(state.normed.data(), x.rows, x.cols);
  Multiply(own.cross_norm.Input(x, normed, context), own.cross_attention.q,
           {.activation = form.activation}, queries, context);
  for (std::size_t s = 0; s < state.cross_sequences.size(); ++s) {
    const auto slot = static_cast<std::size_t>(state.cross_slots[s]);
    kernels::AttentionSequence& sequence = state.cross_sequences[s];
    sequence.cache = state.sentences.View(layer, slot);
    sequence.mask.data = state.sentences.visible(slot);
  }
  if (maps) {
    kernels::AttentionSequence& sequence = state.cross_sequences[0];
    sequence.weights = AddMap(maps->cross, form.heads, sequence);
  }
  const bool is_last = layer + 1 == layers_.size();
  if (is_last) state.asked.Open(form.heads, state.cross_sequences);
  Attention(form.shape(own.cross_attention.score), queries,
            state.cross_sequences, heads, context);
  if (is_last) state.asked.Give(form.heads, state.cross_sequences);
  own.cross_norm.Finish(
      x,
      own.cross_output.Apply(heads, state.work.data(),
                             Dense(state.out.data(), x.rows, x.cols), context),
      context);
}

void Decoder::Run(Rows<float> x, DecoderState& state, ExecContext& context,
                  StepMaps* maps) const {
  const kernels::FlushDenormals flush;
  const Rows<float> out = Dense(state.out.data(), x.rows, x.cols);
  const Rows<float> normed = Dense(state.normed.data(), x.rows, x.cols);
  for (std::size_t i = 0; i < layers_.size(); ++i) {
    const kernels::ProfileScope scope(context, {.layer = static_cast<int>(i)});
    SelfAttend(i, x, state, context, maps);
    CrossAttend(i, x, state, context, maps);
    layers_[i].end.Apply(x, state.work.data(), normed, out, context);
  }
  if (last_norm_) last_norm_->Apply(x, {}, x, context);
}

}  // namespace tessera::models
