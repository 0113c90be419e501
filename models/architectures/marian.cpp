// Marian (OPUS-MT): post-norm layers, half-split sinusoids, a tied projection.
//
// Source: Junczys-Dowmunt et al. 2018, arXiv:1804.00344; tensor names and
// semantics of MarianMTModel in Transformers 4.57.
#include <tessera/error.h>

#include <cmath>
#include <utility>
#include <vector>

#include "models/architectures/architectures.h"
#include "models/config/config_values.h"
#include "models/config/generation_config.h"
#include "models/config/marian_config.h"
#include "models/weights/checkpoint.h"
#include "models/weights/matrix_source.h"
#include "models/weights/tensor_names.h"

namespace tessera::models {
namespace {

// Of tied tensors any one survives in the file, depending on what saved it.
TensorNames Names(const MarianConfig& c) {
  std::vector<std::string> target = {"decoder.embed_tokens"};
  std::vector<std::string> source = {"encoder.embed_tokens"};
  if (c.share_encoder_decoder_embeddings) {
    target.insert(target.begin(), {"shared", source[0]});
    source = target;
  }
  std::vector<std::string> output = {"lm_head"};
  if (c.tie_word_embeddings) {
    output.insert(output.end(), target.begin(), target.end());
    target.emplace_back("lm_head");
  }
  TensorNames names = {.prefix = "model.", .rules = BartRules()};
  names.rules.push_back({"encoder.tokens", source});
  names.rules.push_back({"decoder.tokens", target});
  names.rules.push_back({"output", output});
  names.rules.push_back({.name = "output.bias",
                         .stored = {"final_logits_bias"},
                         .form = {.vector = "1o"},
                         .optional = true});
  return names;
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

std::vector<float> LoadPositions(const MarianConfig& c,
                                 const MatrixSource& source,
                                 const std::string& stack) {
  const std::string name = stack + ".positions";
  const std::size_t positions = c.max_position_embeddings;
  if (source.HasMatrix(name)) return source.Rows(name, positions, c.d_model);
  if (positions > kMostPositionFloats / c.d_model) {
    throw Error("config.json: key \"max_position_embeddings\": want at most " +
                std::to_string(kMostPositionFloats / c.d_model) +
                " for this d_model, found " + std::to_string(positions));
  }
  return SinusoidPositions(Sinusoid::kHalves, positions, c.d_model);
}

ModelInfo Describe(const MarianConfig& c, const MatrixSource& source,
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
      .parameters = source.parameters(),
      .stored_types = source.stored_types(),
      .compute_type = "f32",
      .memory_bytes = source.packed_bytes(),
      .unused_tensors = source.unused(),
      .generation = std::move(generation),
  };
}

}  // namespace

std::unique_ptr<Model> LoadMarian(const std::filesystem::path& folder) {
  const MarianConfig config = ReadMarianConfig(folder);
  GenerationConfig generation =
      ReadGenerationConfig(folder, config.generation_context());
  const Checkpoint checkpoint = Checkpoint::Open(folder);
  const MatrixSource source(checkpoint, Names(config));
  EncoderDecoderParts parts = {
      .encoder = Encoder(source.Within("encoder"), EncoderShape(config)),
      .decoder = Decoder(source.Within("decoder"), DecoderShape(config))};
  LoadTokens(source,
             {config.vocab_size, config.target_vocab_size, config.d_model},
             parts);
  if (config.scale_embedding) {
    parts.embedding.scale = std::sqrt(static_cast<float>(config.d_model));
  }
  parts.encoder_positions = LoadPositions(config, source, "encoder");
  parts.decoder_positions = LoadPositions(config, source, "decoder");
  parts.info = Describe(config, source, std::move(generation));
  return std::make_unique<EncoderDecoder>(std::move(parts));
}

}  // namespace tessera::models
