// Marian (OPUS-MT): post-norm layers, half-split sinusoids, a tied projection.
//
// Source: Junczys-Dowmunt et al. 2018, arXiv:1804.00344; tensor names and
// semantics of MarianMTModel in Transformers 4.57.
#include "models/marian.h"

#include <tessera/error.h>

#include <cmath>
#include <optional>
#include <utility>
#include <vector>

#include "kernels/gemm/packed_matrix.h"
#include "models/config.h"
#include "models/generation_config.h"
#include "models/layers/decoder.h"
#include "models/layers/embedding.h"
#include "models/layers/encoder.h"
#include "models/layers/projection.h"
#include "models/layers/weight_reader.h"
#include "models/weights/checkpoint.h"

namespace tessera::models {
namespace {

using kernels::Dense;
using kernels::ExecContext;
using kernels::PackedMatrix;
using kernels::Rows;
using kernels::StridedTable;

constexpr float kNormEpsilon = 1e-5f;  // never in config.json

// No file size bounds a table that is computed: 256 MiB does.
constexpr std::size_t kMostPositionFloats = std::size_t{64} << 20;

// A [V, D] matrix for look-ups only, in plain rows.
struct PlainTable {
  std::vector<float> rows;
  std::size_t width;

  StridedTable view() const { return {rows.data(), 1, width, 1}; }
};

struct MarianState : DecodeState {
  explicit MarianState(DecoderState s) : decoder(std::move(s)) {}

  DecoderState decoder;
  ProjectionState projection;
  std::vector<std::int32_t> tokens;  // i32 [rows]
};

MarianState& Own(DecodeState& state) {
  return static_cast<MarianState&>(state);
}

// The names that one embedding matrix may be stored under: of tied tensors any
// one survives, depending on what saved the file.
const char* const kShared = "shared.weight";
const char* const kEncoderTokens = "encoder.embed_tokens.weight";
const char* const kDecoderTokens = "decoder.embed_tokens.weight";
const char* const kOutput = "lm_head.weight";

// The first name that is stored, the first of all if none is.
const char* FirstStored(const WeightReader& reader,
                        std::initializer_list<const char*> names) {
  for (const char* name : names) {
    if (reader.Has(name)) return name;
  }
  return *names.begin();
}

class Marian : public Model {
 public:
  Marian(const MarianConfig& config, GenerationConfig generation,
         WeightReader& reader);

  const ModelInfo& info() const override { return info_; }
  EncoderStates Encode(const TokenBatch& batch,
                       ExecContext& context) const override;
  std::unique_ptr<DecodeState> Open(std::size_t sentences,
                                    std::size_t rows) const override;
  void Admit(const EncoderStates& encoded, std::span<const std::int32_t> slots,
             DecodeState& state, ExecContext& context) const override;
  Rows<const float> Step(std::span<const StepRow> rows, DecodeState& state,
                         ExecContext& context) const override;
  Candidates Project(Rows<const float> states, const LogitEdits& edits,
                     std::size_t k, DecodeState& state,
                     ExecContext& context) const override;
  void Logits(Rows<const float> states, Rows<float> logits,
              ExecContext& context) const override;

 private:
  void LoadEmbeddings(WeightReader& reader);
  std::vector<float> LoadPositions(WeightReader& reader,
                                   const std::string& stack) const;
  void Describe(const GenerationConfig& generation, const WeightReader& reader);
  StridedTable SourceTable() const;
  StridedTable TargetTable() const;

  MarianConfig config_;
  float embedding_scale_;
  Encoder encoder_;
  Decoder decoder_;
  PackedMatrix output_;                      // [V, D] with final_logits_bias
  std::optional<PlainTable> source_tokens_;  // nullopt: rows of output_
  std::optional<PlainTable> target_tokens_;
  std::vector<float> encoder_positions_;  // f32 [P, D]
  std::vector<float> decoder_positions_;  // f32 [P, D]
  ModelInfo info_;
};

StackShape EncoderShape(const MarianConfig& c) {
  return {.layers = c.encoder_layers,
          .width = c.d_model,
          .heads = c.encoder_attention_heads,
          .hidden_width = c.encoder_ffn_dim,
          .activation = c.activation,
          .norm_epsilon = kNormEpsilon};
}

StackShape DecoderShape(const MarianConfig& c) {
  return {.layers = c.decoder_layers,
          .width = c.d_model,
          .heads = c.decoder_attention_heads,
          .hidden_width = c.decoder_ffn_dim,
          .activation = c.activation,
          .norm_epsilon = kNormEpsilon};
}

Marian::Marian(const MarianConfig& config, GenerationConfig generation,
               WeightReader& reader)
    : config_(config),
      embedding_scale_(config.scale_embedding
                           ? std::sqrt(static_cast<float>(config.d_model))
                           : 1.0f),
      encoder_(reader, "encoder", EncoderShape(config)),
      decoder_(reader, "decoder", DecoderShape(config)) {
  LoadEmbeddings(reader);
  encoder_positions_ = LoadPositions(reader, "encoder");
  decoder_positions_ = LoadPositions(reader, "decoder");
  Describe(generation, reader);
}

// Which matrices there are: the output projection, packed, and whatever input
// embedding is not the same matrix.
void Marian::LoadEmbeddings(WeightReader& reader) {
  const std::size_t width = config_.d_model;
  const std::size_t source = config_.vocab_size;
  const std::size_t target = config_.target_vocab_size;
  const bool shared = config_.share_encoder_decoder_embeddings;
  const char* target_name =
      shared ? FirstStored(reader, {kShared, kEncoderTokens, kDecoderTokens})
             : kDecoderTokens;
  const bool tied = config_.tie_word_embeddings;
  if (tied) target_name = FirstStored(reader, {target_name, kOutput});
  // Folders whose tied matrices differ were saved by mistake; the stored
  // output projection is the one that was trained.
  const bool same =
      tied && (!reader.Has(kOutput) || reader.Same(target_name, kOutput));
  {
    const auto weight =
        reader.Read(same ? target_name : kOutput, {target, width});
    output_ = PackedMatrix(target, width);
    output_.SetRows(0, Dense(weight.data(), target, width));
  }
  if (!same) {
    target_tokens_ = {reader.Read(target_name, {target, width}), width};
  }
  if (!shared) {
    source_tokens_ = {reader.Read(kEncoderTokens, {source, width}), width};
  }
  for (const char* alias : {kEncoderTokens, kDecoderTokens}) {
    if (shared) reader.Same(target_name, alias);  // accounts for the copy
  }
  if (reader.Has("final_logits_bias")) {
    output_.SetBias(0, reader.Read("final_logits_bias", {1, target}));
  }
}

std::vector<float> Marian::LoadPositions(WeightReader& reader,
                                         const std::string& stack) const {
  const std::string name = stack + ".embed_positions.weight";
  const std::size_t positions = config_.max_position_embeddings;
  if (reader.Has(name)) return reader.Read(name, {positions, config_.d_model});
  if (positions > kMostPositionFloats / config_.d_model) {
    throw Error("config.json: key \"max_position_embeddings\": want at most " +
                std::to_string(kMostPositionFloats / config_.d_model) +
                " for this d_model, found " + std::to_string(positions));
  }
  return SinusoidPositions(positions, config_.d_model);
}

StridedTable Marian::TargetTable() const {
  return target_tokens_ ? target_tokens_->view() : output_.table();
}

StridedTable Marian::SourceTable() const {
  return source_tokens_ ? source_tokens_->view() : TargetTable();
}

EncoderStates Marian::Encode(const TokenBatch& batch,
                             ExecContext& context) const {
  const std::size_t tokens = batch.ids.size();
  EncoderStates encoded{kernels::AlignedBuffer<float>(tokens * config_.d_model),
                        {batch.offsets.begin(), batch.offsets.end()}};
  std::vector<std::int32_t> positions;
  positions.reserve(tokens);
  for (std::size_t b = 0; b < batch.size(); ++b) {
    const std::int32_t length = batch.offsets[b + 1] - batch.offsets[b];
    for (std::int32_t p = 0; p < length; ++p) positions.push_back(p);
  }
  const Rows<float> x = Dense(encoded.states.data(), tokens, config_.d_model);
  Embed(SourceTable(), embedding_scale_, encoder_positions_, batch.ids,
        positions, x);
  encoder_.Run(x, batch.offsets, context);
  return encoded;
}

std::unique_ptr<DecodeState> Marian::Open(std::size_t sentences,
                                          std::size_t rows) const {
  auto state = std::make_unique<MarianState>(
      decoder_.Open(sentences, rows, config_.max_position_embeddings));
  state->tokens.reserve(rows);
  return state;
}

void Marian::Admit(const EncoderStates& encoded,
                   std::span<const std::int32_t> slots, DecodeState& state,
                   ExecContext& context) const {
  decoder_.Admit(encoded, slots, Own(state).decoder, context);
}

Rows<const float> Marian::Step(std::span<const StepRow> rows,
                               DecodeState& state, ExecContext& context) const {
  MarianState& own = Own(state);
  decoder_.Begin(rows, own.decoder);
  own.tokens.clear();
  for (const StepRow& row : rows) own.tokens.push_back(row.token);
  const Rows<float> x =
      Dense(own.decoder.x.data(), rows.size(), config_.d_model);
  Embed(TargetTable(), embedding_scale_, decoder_positions_, own.tokens,
        own.decoder.positions, x);
  decoder_.Run(x, own.decoder, context);
  return x;
}

Candidates Marian::Project(Rows<const float> states, const LogitEdits& edits,
                           std::size_t k, DecodeState& state,
                           ExecContext& context) const {
  return ProjectCandidates(states, output_, edits, k, Own(state).projection,
                           context);
}

void Marian::Logits(Rows<const float> states, Rows<float> logits,
                    ExecContext& context) const {
  Multiply(states, output_, kernels::Activation::kIdentity, logits, context);
}

void Marian::Describe(const GenerationConfig& generation,
                      const WeightReader& reader) {
  const MarianConfig& c = config_;
  const auto pair = [](std::size_t encoder, std::size_t decoder) {
    return std::to_string(encoder) + " + " + std::to_string(decoder);
  };
  std::size_t bytes = encoder_.bytes() + decoder_.bytes() + output_.bytes();
  for (const auto& table : {source_tokens_, target_tokens_}) {
    if (table) bytes += table->rows.size() * sizeof(float);
  }
  info_ = {
      .architecture = "marian",
      .dimensions = {{"model width", std::to_string(c.d_model)},
                     {"layers (encoder + decoder)",
                      pair(c.encoder_layers, c.decoder_layers)},
                     {"heads (encoder + decoder)",
                      pair(c.encoder_attention_heads,
                           c.decoder_attention_heads)},
                     {"feed-forward width (encoder + decoder)",
                      pair(c.encoder_ffn_dim, c.decoder_ffn_dim)},
                     {"activation", std::string(Name(c.activation))},
                     {"positions", std::to_string(c.max_position_embeddings)}},
      .source_vocabulary = c.vocab_size,
      .target_vocabulary = c.target_vocab_size,
      .max_source_tokens = c.max_position_embeddings,
      .max_target_tokens = c.max_position_embeddings,
      .width = c.d_model,
      .parameters = reader.parameters(),
      .stored_types = reader.stored_types(),
      .compute_type = "f32",
      .memory_bytes = bytes,
      .unused_tensors = reader.checkpoint().Unused(),
      .generation = generation,
  };
}

}  // namespace

std::unique_ptr<Model> LoadMarian(const std::filesystem::path& folder) {
  const MarianConfig config = ReadMarianConfig(folder);
  GenerationConfig generation =
      ReadGenerationConfig(folder, config.generation_context());
  const Checkpoint checkpoint = Checkpoint::Open(folder);
  WeightReader reader(checkpoint, "model.");
  return std::make_unique<Marian>(config, std::move(generation), reader);
}

}  // namespace tessera::models
