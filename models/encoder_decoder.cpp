// Tokens through encoder, decoder and output projection.
#include "models/encoder_decoder.h"

#include <algorithm>
#include <utility>

#include "kernels/gemm/multiply.h"
#include "kernels/profile.h"
#include "models/layers/candidates.h"

namespace tessera::models {

using kernels::Dense;
using kernels::ExecContext;
using kernels::Rows;

struct EncoderDecoder::State : DecodeState {
  State(DecoderState s, std::size_t max_rows) : decoder(std::move(s)) {
    tokens.reserve(max_rows);
    position_rows.reserve(max_rows);
  }

  DecoderState decoder;
  ProjectionState projection;
  std::vector<std::int32_t> tokens;         // i32 [T] of a step
  std::vector<std::int32_t> position_rows;  // i32 [T]
  std::vector<float> last;  // f32 [rows, D]; of steps with T > rows
};

namespace {

// The tokens that the encoder reads, with those that the model adds.
struct SourceTokens {
  std::vector<std::int32_t> ids;
  std::vector<std::int32_t> position_rows;
  std::vector<std::int32_t> offsets = {0};
};

SourceTokens Fill(const TokenBatch& batch, const PaddingRule& padding,
                  const Embedding& embedding, std::size_t most) {
  SourceTokens tokens;
  tokens.ids.reserve(batch.ids.size());
  tokens.position_rows.reserve(batch.ids.size());
  for (std::size_t b = 0; b < batch.size(); ++b) {
    const auto first = batch.ids.begin() + batch.offsets[b];
    const auto end = batch.ids.begin() + batch.offsets[b + 1];
    const std::size_t begin = tokens.ids.size();
    tokens.ids.insert(tokens.ids.end(), first, end);
    if (padding.filler) tokens.ids.resize(begin + most, *padding.filler);
    std::int32_t position = 0;
    for (std::size_t i = begin; i < tokens.ids.size(); ++i) {
      const std::int32_t id = tokens.ids[i];
      tokens.position_rows.push_back(embedding.Row(id, position));
      if (embedding.IsPlaced(id)) ++position;
    }
    tokens.offsets.push_back(static_cast<std::int32_t>(tokens.ids.size()));
  }
  return tokens;
}

// The state of each row's last token, in a buffer of their own unless rows
// have one token each.
Rows<const float> LastStates(std::span<const StepRow> rows,
                             Rows<const float> states,
                             std::vector<float>& buffer) {
  if (states.rows == rows.size()) return states;
  buffer.resize(rows.size() * states.cols);
  std::size_t end = 0;
  for (std::size_t r = 0; r < rows.size(); ++r) {
    end += rows[r].tokens.size();
    std::copy_n(states[end - 1], states.cols, &buffer[r * states.cols]);
  }
  return Dense<const float>(buffer.data(), rows.size(), states.cols);
}

}  // namespace

kernels::MatrixLayout EncoderDecoder::TargetTable() const {
  return parts_.target_tokens ? parts_.target_tokens->layout()
                              : parts_.output.layout();
}

kernels::MatrixLayout EncoderDecoder::SourceTable() const {
  return parts_.source_tokens ? parts_.source_tokens->layout() : TargetTable();
}

EncoderStates EncoderDecoder::Encode(const TokenBatch& batch,
                                     ExecContext& context) const {
  return Encode(batch, context, nullptr);
}

EncoderStates EncoderDecoder::Encode(const TokenBatch& batch,
                                     ExecContext& context,
                                     AttentionMaps* maps) const {
  const kernels::ProfileScope scope(context, {.stack = "encoder"});
  SourceTokens tokens = Fill(batch, parts_.padding, parts_.encoder_embedding,
                             info().max_source_tokens);
  const std::size_t width = info().width;
  EncoderStates encoded;
  encoded.states = kernels::AlignedBuffer<float>(tokens.ids.size() * width,
                                                 kernels::kUninitialised);
  encoded.offsets = std::move(tokens.offsets);
  SourceVisibility visibility(parts_.padding, tokens.ids, encoded.offsets);
  const Rows<float> x = Dense(encoded.states.data(), tokens.ids.size(), width);
  parts_.encoder_embedding.Apply(
      SourceTable(), {tokens.ids, tokens.position_rows}, x, context);
  parts_.encoder.Run({x, encoded.offsets, visibility}, context,
                     maps ? &maps->encoder : nullptr);
  encoded.visible = std::move(visibility).TakeLasting();
  if (maps) maps->source = std::move(tokens.ids);
  return encoded;
}

std::unique_ptr<DecodeState> EncoderDecoder::Open(std::size_t sentences,
                                                  std::size_t rows) const {
  return std::make_unique<State>(
      parts_.decoder.Open({.sentences = sentences,
                           .rows = rows,
                           .positions = info().max_target_tokens,
                           .cache = parts_.cache},
                          parts_.padding),
      rows);
}

void EncoderDecoder::Admit(const EncoderStates& encoded,
                           std::span<const std::int32_t> slots,
                           DecodeState& state, ExecContext& context) const {
  const kernels::ProfileScope scope(context, {.stack = "decoder"});
  parts_.decoder.Admit(encoded, slots, static_cast<State&>(state).decoder,
                       context);
}

StepStates EncoderDecoder::Step(std::span<const StepRow> rows,
                                DecodeState& state,
                                ExecContext& context) const {
  State& own = static_cast<State&>(state);
  const Rows<const float> states = Step(rows, own, context, nullptr);
  return {.tokens = states, .last = LastStates(rows, states, own.last)};
}

Rows<float> EncoderDecoder::Step(std::span<const StepRow> rows, State& state,
                                 ExecContext& context, StepMaps* maps) const {
  const kernels::ProfileScope scope(context, {.stack = "decoder"});
  state.tokens.clear();
  for (const StepRow& row : rows) {
    state.tokens.insert(state.tokens.end(), row.tokens.begin(),
                        row.tokens.end());
  }
  {
    const kernels::ProfileSpan span(context, "cache");
    parts_.decoder.Begin(rows, state.decoder);
  }
  const Rows<float> x =
      Dense(state.decoder.x.data(), state.tokens.size(), info().width);
  state.position_rows.clear();
  for (std::size_t t = 0; t < state.tokens.size(); ++t) {
    state.position_rows.push_back(parts_.decoder_embedding.Row(
        state.tokens[t], state.decoder.positions[t]));
  }
  parts_.decoder_embedding.Apply(
      TargetTable(), {state.tokens, state.position_rows}, x, context);
  parts_.decoder.Run(x, state.decoder, context, maps);
  return x;
}

OutputList EncoderDecoder::Select(std::vector<std::int32_t> ids) const {
  kernels::PackedMatrix weights = parts_.output.Select(ids);
  return {.ids = std::move(ids), .weights = std::move(weights)};
}

Candidates EncoderDecoder::Project(Rows<const float> states,
                                   const LogitEdits& edits, std::size_t k,
                                   DecodeState& state,
                                   ExecContext& context) const {
  const kernels::ProfileScope scope(context, {.stack = "decoder"});
  return ProjectCandidates(states, parts_.output, edits, k,
                           static_cast<State&>(state).projection, context);
}

void EncoderDecoder::Logits(Rows<const float> states, Rows<float> logits,
                            ExecContext& context) const {
  Multiply(states, parts_.output, {}, logits, context);
}

AttentionMaps EncoderDecoder::Explain(std::span<const std::int32_t> source,
                                      std::span<const std::int32_t> read,
                                      ExecContext& context) const {
  AttentionMaps maps;
  const std::int32_t ends[] = {0, static_cast<std::int32_t>(source.size())};
  const EncoderStates encoded =
      Encode({.ids = source, .offsets = ends}, context, &maps);
  maps.source_visible = encoded.visible;
  maps.read.assign(read.begin(), read.end());
  if (!parts_.padding.fades) {
    maps.read_visible = VisibleTokens(parts_.padding, maps.read);
  }
  const auto opened = Open(1, 1);
  State& state = static_cast<State&>(*opened);
  const std::int32_t slot = 0;
  Admit(encoded, {&slot, 1}, state, context);
  const StepRow row = {.sentence = slot, .parent = -1, .tokens = maps.read};
  StepMaps step = {.self = maps.decoder, .cross = maps.cross};
  Step({&row, 1}, state, context, &step);
  return maps;
}

}  // namespace tessera::models
