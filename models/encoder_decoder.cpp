// Tokens through encoder, decoder and output projection.
#include "models/encoder_decoder.h"

#include <algorithm>
#include <utility>

#include "kernels/gemm/multiply.h"
#include "models/layers/candidates.h"

namespace tessera::models {

using kernels::Dense;
using kernels::ExecContext;
using kernels::Rows;

struct EncoderDecoder::State : DecodeState {
  State(DecoderState s, std::size_t max_rows) : decoder(std::move(s)) {
    tokens.reserve(max_rows);
    visible.reserve(max_rows);
  }

  DecoderState decoder;
  ProjectionState projection;
  std::vector<std::int32_t> tokens;   // i32 [rows]
  std::vector<std::uint8_t> visible;  // u8 [rows], or empty
};

namespace {

// The tokens that the encoder reads, with those that the model adds.
struct SourceTokens {
  std::vector<std::int32_t> ids;
  std::vector<std::int32_t> positions;
  std::vector<std::int32_t> offsets = {0};
};

SourceTokens Fill(const TokenBatch& batch, const PaddingRule& padding,
                  std::size_t most) {
  SourceTokens tokens;
  tokens.ids.reserve(batch.ids.size());
  tokens.positions.reserve(batch.ids.size());
  for (std::size_t b = 0; b < batch.size(); ++b) {
    const auto first = batch.ids.begin() + batch.offsets[b];
    const auto end = batch.ids.begin() + batch.offsets[b + 1];
    const std::size_t begin = tokens.ids.size();
    tokens.ids.insert(tokens.ids.end(), first, end);
    if (padding.filler) tokens.ids.resize(begin + most, *padding.filler);
    for (std::size_t i = begin; i < tokens.ids.size(); ++i) {
      tokens.positions.push_back(static_cast<std::int32_t>(i - begin));
    }
    tokens.offsets.push_back(static_cast<std::int32_t>(tokens.ids.size()));
  }
  return tokens;
}

// Which tokens may be seen; nothing if all may.
void FindVisible(std::span<const std::int32_t> ids, const PaddingRule& padding,
                 std::vector<std::uint8_t>& visible) {
  visible.clear();
  if (!padding.hidden || std::ranges::find(ids, *padding.hidden) == ids.end()) {
    return;
  }
  for (const std::int32_t id : ids) visible.push_back(id != *padding.hidden);
}

// Row `step` of a map of all steps, the keys behind it left 0.
void PutStep(const AttentionMap& from, std::size_t step, AttentionMap& to) {
  for (std::size_t head = 0; head < from.heads; ++head) {
    std::copy_n(&from.weights[head * from.keys], from.keys,
                &to.at(head, step, 0));
  }
}

}  // namespace

EncoderDecoder::EncoderDecoder(EncoderDecoderParts parts)
    : parts_(std::move(parts)) {
  std::size_t bytes =
      parts_.encoder.bytes() + parts_.decoder.bytes() + parts_.output.bytes();
  for (const auto& table : {&parts_.source_tokens, &parts_.target_tokens}) {
    if (*table) bytes += (*table)->rows.size() * sizeof(float);
  }
  parts_.info.memory_bytes = bytes;
}

kernels::MatrixLayout EncoderDecoder::TargetTable() const {
  return parts_.target_tokens ? parts_.target_tokens->view()
                              : parts_.output.layout();
}

kernels::MatrixLayout EncoderDecoder::SourceTable() const {
  return parts_.source_tokens ? parts_.source_tokens->view() : TargetTable();
}

EncoderStates EncoderDecoder::Encode(const TokenBatch& batch,
                                     ExecContext& context) const {
  return Encode(batch, context, nullptr);
}

EncoderStates EncoderDecoder::Encode(const TokenBatch& batch,
                                     ExecContext& context,
                                     std::vector<AttentionMap>* maps) const {
  SourceTokens tokens = Fill(batch, parts_.padding, info().max_source_tokens);
  const std::size_t width = info().width;
  EncoderStates encoded;
  encoded.states = kernels::AlignedBuffer<float>(tokens.ids.size() * width);
  encoded.offsets = std::move(tokens.offsets);
  FindVisible(tokens.ids, parts_.padding, encoded.visible);
  const Rows<float> x = Dense(encoded.states.data(), tokens.ids.size(), width);
  Embed(SourceTable(), parts_.embedding, parts_.encoder_positions,
        {tokens.ids, tokens.positions}, x, context);
  parts_.encoder.Run({x, encoded.offsets, encoded.visible}, context, maps);
  if (parts_.padding.fades) encoded.visible.clear();
  return encoded;
}

std::unique_ptr<DecodeState> EncoderDecoder::Open(std::size_t sentences,
                                                  std::size_t rows) const {
  return std::make_unique<State>(
      parts_.decoder.Open({.sentences = sentences,
                           .rows = rows,
                           .positions = info().max_target_tokens}),
      rows);
}

void EncoderDecoder::Admit(const EncoderStates& encoded,
                           std::span<const std::int32_t> slots,
                           DecodeState& state, ExecContext& context) const {
  parts_.decoder.Admit(encoded, slots, static_cast<State&>(state).decoder,
                       context);
}

Rows<const float> EncoderDecoder::Step(std::span<const StepRow> rows,
                                       DecodeState& state,
                                       ExecContext& context) const {
  return Step(rows, static_cast<State&>(state), context, nullptr);
}

Rows<float> EncoderDecoder::Step(std::span<const StepRow> rows, State& state,
                                 ExecContext& context, StepMaps* maps) const {
  state.tokens.clear();
  for (const StepRow& row : rows) state.tokens.push_back(row.token);
  FindVisible(state.tokens, parts_.padding, state.visible);
  parts_.decoder.Begin(rows, state.visible, state.decoder);
  const Rows<float> x =
      Dense(state.decoder.x.data(), rows.size(), info().width);
  Embed(TargetTable(), parts_.embedding, parts_.decoder_positions,
        {state.tokens, state.decoder.positions}, x, context);
  parts_.decoder.Run(x, state.decoder, context, maps);
  return x;
}

Candidates EncoderDecoder::Project(Rows<const float> states,
                                   const LogitEdits& edits, std::size_t k,
                                   DecodeState& state,
                                   ExecContext& context) const {
  return ProjectCandidates(states, parts_.output, edits, k,
                           static_cast<State&>(state).projection, context);
}

void EncoderDecoder::Logits(Rows<const float> states, Rows<float> logits,
                            ExecContext& context) const {
  Multiply(states, parts_.output, {}, logits, context);
}

AttentionMaps EncoderDecoder::Attend(std::span<const std::int32_t> source,
                                     std::span<const std::int32_t> output,
                                     ExecContext& context) const {
  AttentionMaps maps;
  const std::int32_t ends[] = {0, static_cast<std::int32_t>(source.size())};
  const EncoderStates encoded =
      Encode({.ids = source, .offsets = ends}, context, &maps.encoder);
  const auto opened = Open(1, 1);
  State& state = static_cast<State&>(*opened);
  const std::int32_t slot = 0;
  Admit(encoded, {&slot, 1}, state, context);
  const std::size_t steps = output.size();
  std::int32_t token = info().generation.decoder_start_token_id;
  for (std::size_t t = 0; t < steps; ++t) {
    StepMaps step;
    const StepRow row = {
        .sentence = 0, .parent = t == 0 ? -1 : 0, .token = token};
    Step({&row, 1}, state, context, &step);
    for (std::size_t layer = 0; layer < step.self.size(); ++layer) {
      const AttentionMap& cross = step.cross[layer];
      if (t == 0) {
        maps.decoder.emplace_back(cross.heads, steps, steps);
        maps.cross.emplace_back(cross.heads, steps, cross.keys);
      }
      PutStep(step.self[layer], t, maps.decoder[layer]);
      PutStep(cross, t, maps.cross[layer]);
    }
    token = output[t];
  }
  return maps;
}

}  // namespace tessera::models
