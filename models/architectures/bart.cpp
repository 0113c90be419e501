// BART and its relatives: one graph, whose switches are a row of a table.
//
// Sources: Lewis et al. 2020, arXiv:1910.13461 (BART); Junczys-Dowmunt et al.
// 2018, arXiv:1804.00344 (Marian); Liu et al. 2020, arXiv:2001.08210 (mBART);
// Zhang et al. 2020, arXiv:1912.08777 (Pegasus); Fan et al. 2020,
// arXiv:2010.11125 (M2M100); Roller et al. 2021, arXiv:2004.13637 (Blenderbot);
// tensor names and semantics of Transformers 4.57.
#include <cmath>
#include <utility>
#include <vector>

#include "models/architectures/architectures.h"
#include "models/config/bart_config.h"
#include "models/config/config_values.h"
#include "models/config/generation_config.h"
#include "models/weights/tensor_names.h"

namespace tessera::models {
namespace {

TensorNames Names(const BartConfig& c, bool own_copies) {
  TensorNames names = {.prefix = "model.", .rules = BartRules()};
  AddTokenRules({.shared = c.share_encoder_decoder_embeddings,
                 .tied = c.tie_word_embeddings,
                 .own_copies = own_copies},
                names.rules);
  TensorRule bias = {
      .name = "output.bias", .stored = {}, .form = {.vector = "1o"}};
  if (c.output_bias) bias.stored = {"final_logits_bias"};
  bias.optional = true;
  names.rules.push_back(std::move(bias));
  return names;
}

StackShape Shape(const BartConfig& c, std::size_t layers, std::size_t heads,
                 std::size_t hidden_width) {
  const std::size_t width = c.d_model / heads;
  return {
      .layers = layers,
      .width = c.d_model,
      .attention = {.heads = heads, .key_width = width, .value_width = width},
      .hidden_width = hidden_width,
      .activation = c.activation,
      .norm = {.first = c.pre_norm, .epsilon = 1e-5f}};  // never in the file
}

ModelInfo Describe(const BartConfig& c, GenerationConfig generation) {
  const auto pair = [](std::size_t encoder, std::size_t decoder) {
    return std::to_string(encoder) + " + " + std::to_string(decoder);
  };
  return {
      .architecture = std::string(c.model_type),
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
      .decoder_layers = c.decoder_layers,
      .decoder_heads = c.decoder_attention_heads,
      .generation = std::move(generation),
  };
}

EmbeddingRule Rule(const BartConfig& c, EmbeddingNorm norm) {
  EmbeddingRule rule = {.positions = c.positions,
                        .position_offset = c.position_offset,
                        .norm = norm};
  // A norm of the tokens alone undoes a scale but for its epsilon: the class
  // that has one leaves the scale out.
  if (c.scale_embedding && norm != EmbeddingNorm::kBeforePositions) {
    rule.scale = std::sqrt(static_cast<float>(c.d_model));
  }
  if (c.counts_from_pad) rule.unplaced = c.pad_token_id;
  return rule;
}

}  // namespace

Architecture ReadBart(const ModelFolder& folder) {
  const BartConfig c = ReadBartConfig(folder);
  return {
      .info = Describe(c, ReadGenerationConfig(folder, c.generation_context())),
      .names = Names(c, KeepsTiedCopies(folder.Json("config.json"))),
      .encoder = Shape(c, c.encoder_layers, c.encoder_attention_heads,
                       c.encoder_ffn_dim),
      .decoder = Shape(c, c.decoder_layers, c.decoder_attention_heads,
                       c.decoder_ffn_dim),
      .encoder_embedding = Rule(c, c.encoder_norm),
      .decoder_embedding = Rule(c, c.decoder_norm)};
}

}  // namespace tessera::models
