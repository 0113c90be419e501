// Marian (OPUS-MT): post-norm layers, half-split sinusoids, a tied projection.
//
// Source: Junczys-Dowmunt et al. 2018, arXiv:1804.00344; tensor names and
// semantics of MarianMTModel in Transformers 4.57.
#include <cmath>
#include <utility>
#include <vector>

#include "models/architectures/architectures.h"
#include "models/config/generation_config.h"
#include "models/config/marian_config.h"
#include "models/weights/tensor_names.h"

namespace tessera::models {
namespace {

TensorNames Names(const MarianConfig& c) {
  TensorNames names = {.prefix = "model.", .rules = BartRules()};
  AddTokenRules({.shared = c.share_encoder_decoder_embeddings,
                 .tied = c.tie_word_embeddings},
                names.rules);
  names.rules.push_back({.name = "output.bias",
                         .stored = {"final_logits_bias"},
                         .form = {.vector = "1o"},
                         .optional = true});
  return names;
}

StackShape Shape(const MarianConfig& c, std::size_t layers, std::size_t heads,
                 std::size_t hidden_width) {
  const std::size_t width = c.d_model / heads;
  return {
      .layers = layers,
      .width = c.d_model,
      .attention = {.heads = heads, .key_width = width, .value_width = width},
      .hidden_width = hidden_width,
      .activation = c.activation,
      .norm = {.epsilon = 1e-5f}};  // never in config.json
}

ModelInfo Describe(const MarianConfig& c, GenerationConfig generation) {
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
      .generation = std::move(generation),
  };
}

}  // namespace

Architecture ReadMarian(const ModelFolder& folder) {
  const MarianConfig c = ReadMarianConfig(folder);
  return {
      .info = Describe(c, ReadGenerationConfig(folder, c.generation_context())),
      .names = Names(c),
      .encoder = Shape(c, c.encoder_layers, c.encoder_attention_heads,
                       c.encoder_ffn_dim),
      .decoder = Shape(c, c.decoder_layers, c.decoder_attention_heads,
                       c.decoder_ffn_dim),
      .positions = Positions::kStoredHalf,
      .embedding = {.scale = c.scale_embedding
                                 ? std::sqrt(static_cast<float>(c.d_model))
                                 : 1.0f}};
}

}  // namespace tessera::models
