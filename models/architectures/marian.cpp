// Marian (OPUS-MT): post-norm layers, half-split sinusoids, a tied projection.
//
// Source: Junczys-Dowmunt et al. 2018, arXiv:1804.00344; tensor names and
// semantics of MarianMTModel in Transformers 4.57.
#include "models/architectures/marian.h"

#include <tessera/error.h>

#include <cmath>
#include <utility>
#include <vector>

#include "models/config/config_values.h"
#include "models/config/generation_config.h"
#include "models/config/marian_config.h"
#include "models/encoder_decoder.h"
#include "models/weights/checkpoint.h"
#include "models/weights/matrix_source.h"

namespace tessera::models {
namespace {

using kernels::PackedMatrix;

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

// The heads of a stack, and the epsilon that is never in config.json.
StackShape Shape(const MarianConfig& c, std::size_t heads) {
  const std::size_t width = c.d_model / heads;
  return {
      .width = c.d_model,
      .attention = {.heads = heads, .key_width = width, .value_width = width},
      .activation = c.activation,
      .norm = {.epsilon = 1e-5f}};
}

StackShape EncoderShape(const MarianConfig& c) {
  StackShape shape = Shape(c, c.encoder_attention_heads);
  shape.layers = c.encoder_layers;
  shape.hidden_width = c.encoder_ffn_dim;
  return shape;
}

StackShape DecoderShape(const MarianConfig& c) {
  StackShape shape = Shape(c, c.decoder_attention_heads);
  shape.layers = c.decoder_layers;
  shape.hidden_width = c.decoder_ffn_dim;
  return shape;
}

// Which matrices there are: the output projection, packed, and whatever input
// embedding is not the same matrix.
void LoadEmbeddings(const MarianConfig& c, WeightReader& reader,
                    EncoderDecoderParts& parts) {
  const std::size_t width = c.d_model;
  const std::size_t source = c.vocab_size;
  const std::size_t target = c.target_vocab_size;
  const bool shared = c.share_encoder_decoder_embeddings;
  const char* target_name =
      shared ? FirstStored(reader, {kShared, kEncoderTokens, kDecoderTokens})
             : kDecoderTokens;
  const bool tied = c.tie_word_embeddings;
  if (tied) target_name = FirstStored(reader, {target_name, kOutput});
  // Folders whose tied matrices differ were saved by mistake; the stored
  // output projection is the one that was trained.
  const bool same =
      tied && (!reader.Has(kOutput) || reader.Same(target_name, kOutput));
  {
    const auto weight =
        reader.Read(same ? target_name : kOutput, {target, width});
    parts.output = PackedMatrix(target, width);
    parts.output.SetRows(0, kernels::Dense(weight.data(), target, width));
  }
  if (!same) {
    parts.target_tokens = {reader.Read(target_name, {target, width}), width};
  }
  if (!shared) {
    parts.source_tokens = {reader.Read(kEncoderTokens, {source, width}), width};
  }
  for (const char* alias : {kEncoderTokens, kDecoderTokens}) {
    if (shared) reader.Same(target_name, alias);  // accounts for the copy
  }
  if (reader.Has("final_logits_bias")) {
    parts.output.SetBias(0, reader.Read("final_logits_bias", {1, target}));
  }
}

std::vector<float> LoadPositions(const MarianConfig& c, WeightReader& reader,
                                 const std::string& stack) {
  const std::string name = stack + ".embed_positions.weight";
  const std::size_t positions = c.max_position_embeddings;
  if (reader.Has(name)) return reader.Read(name, {positions, c.d_model});
  if (positions > kMostPositionFloats / c.d_model) {
    throw Error("config.json: key \"max_position_embeddings\": want at most " +
                std::to_string(kMostPositionFloats / c.d_model) +
                " for this d_model, found " + std::to_string(positions));
  }
  return SinusoidPositions(Sinusoid::kHalves, positions, c.d_model);
}

ModelInfo Describe(const MarianConfig& c, const WeightReader& reader,
                   GenerationConfig generation) {
  const auto pair = [](std::size_t encoder, std::size_t decoder) {
    return std::to_string(encoder) + " + " + std::to_string(decoder);
  };
  return {
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
      .unused_tensors = reader.checkpoint().Unused(),
      .generation = std::move(generation),
  };
}

}  // namespace

std::unique_ptr<Model> LoadMarian(const ModelFolder& folder) {
  const MarianConfig config = ReadMarianConfig(folder);
  GenerationConfig generation =
      ReadGenerationConfig(folder, config.generation_context());
  const Checkpoint checkpoint = Checkpoint::Open(folder);
  WeightReader reader(checkpoint, "model.");
  EncoderDecoderParts parts = {
      .encoder = Encoder(reader, "encoder", EncoderShape(config)),
      .decoder = Decoder(reader, "decoder", DecoderShape(config))};
  LoadEmbeddings(config, reader, parts);
  if (config.scale_embedding) {
    parts.embedding.scale = std::sqrt(static_cast<float>(config.d_model));
  }
  parts.encoder_positions = LoadPositions(config, reader, "encoder");
  parts.decoder_positions = LoadPositions(config, reader, "decoder");
  parts.info = Describe(config, reader, std::move(generation));
  return std::make_unique<EncoderDecoder>(std::move(parts));
}

}  // namespace tessera::models
