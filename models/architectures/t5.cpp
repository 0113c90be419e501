// T5 and its relatives: RMS norms, biases by distance in place of positions.
//
// Sources: Raffel et al. 2020, arXiv:1910.10683 (T5); Xue et al. 2021,
// arXiv:2010.11934 (mT5), arXiv:2105.13626 (ByT5); Chung et al. 2023,
// arXiv:2304.09151 (UMT5); tensor names and semantics of Transformers 4.57.
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "models/architectures/architectures.h"
#include "models/config/config_values.h"
#include "models/config/t5_config.h"
#include "models/weights/tensor_names.h"

namespace tessera::models {
namespace {

void AddNorm(const std::string& own, const std::string& stored,
             std::vector<TensorRule>& rules) {
  rules.push_back({own + ".norm", {stored + ".layer_norm"}});
}

void AddAttention(const std::string& own, const std::string& stored,
                  const std::string& name, std::vector<TensorRule>& rules) {
  const TensorForm no_bias = {.vector = ""};
  const std::string block = stored + name;
  rules.push_back({own + ".query", {block + ".q"}, no_bias});
  rules.push_back({own + ".key", {block + ".k"}, no_bias});
  rules.push_back({own + ".value", {block + ".v"}, no_bias});
  rules.push_back({own + ".output", {block + ".o"}, no_bias});
  rules.push_back(
      {own + ".relative_bias", {block + ".relative_attention_bias"}});
  AddNorm(own, stored, rules);
}

void AddFeedForward(const std::string& own, const std::string& stored,
                    bool gated, std::vector<TensorRule>& rules) {
  const TensorForm no_bias = {.vector = ""};
  const std::string block = stored + ".DenseReluDense.";
  rules.push_back({own + ".in", {block + (gated ? "wi_0" : "wi")}, no_bias});
  rules.push_back({own + ".gate", {block + "wi_1"}, no_bias});
  rules.push_back({own + ".out", {block + "wo"}, no_bias});
  AddNorm(own, stored, rules);
}

TensorNames Names(const T5Config& c, bool own_copies) {
  TensorNames names = {.prefix = "",
                       .rules = {{"*.norm", {"*.final_layer_norm"}}}};
  AddAttention("*.layers.*.self_attention", "*.block.*.layer.0",
               ".SelfAttention", names.rules);
  AddAttention("*.layers.*.cross_attention", "*.block.*.layer.1",
               ".EncDecAttention", names.rules);
  AddFeedForward("encoder.layers.*.feed_forward", "encoder.block.*.layer.1",
                 c.gated, names.rules);
  AddFeedForward("decoder.layers.*.feed_forward", "decoder.block.*.layer.2",
                 c.gated, names.rules);
  AddTokenRules(
      {.shared = true, .tied = c.tie_word_embeddings, .own_copies = own_copies},
      names.rules);
  names.rules.push_back({"output.bias", {}});
  return names;
}

StackShape Shape(const T5Config& c) {
  return {.layers = c.num_layers,
          .width = c.d_model,
          .attention = {.heads = c.num_heads,
                        .key_width = c.d_kv,
                        .value_width = c.d_kv,
                        .score = Score::kDot},
          .hidden_width = c.d_ff,
          .activation = c.activation,
          .gated = c.gated,
          .norm = {.first = true,
                   .kind = kernels::NormKind::kRms,
                   .epsilon = c.epsilon},
          .relative = {.count = c.buckets,
                       .reach = c.max_distance,
                       .both_ways = true,
                       .each_layer = c.bias_of_each_layer}};
}

StackShape DecoderShape(const T5Config& c) {
  StackShape shape = Shape(c);
  shape.layers = c.num_decoder_layers;
  shape.relative.both_ways = false;
  if (c.scales_logits) {
    shape.last_factor = 1 / std::sqrt(static_cast<float>(c.d_model));
  }
  return shape;
}

ModelInfo Describe(const T5Config& c, GenerationConfig generation) {
  return {
      .architecture = std::string(c.model_type),
      .dimensions = {{"model width", std::to_string(c.d_model)},
                     {"layers (encoder + decoder)",
                      std::to_string(c.num_layers) + " + " +
                          std::to_string(c.num_decoder_layers)},
                     {"heads", std::to_string(c.num_heads)},
                     {"head width", std::to_string(c.d_kv)},
                     {"feed-forward width", std::to_string(c.d_ff)},
                     {"activation", std::string(c.gated ? "gated " : "") +
                                        std::string(Name(c.activation))},
                     {"buckets of distances, up to",
                      std::to_string(c.buckets) + ", " +
                          std::to_string(c.max_distance)}},
      .source_vocabulary = c.vocab_size,
      .target_vocabulary = c.vocab_size,
      .max_source_tokens = T5Config::kMaxTokens,
      .max_target_tokens = T5Config::kMaxTokens,
      .width = c.d_model,
      .decoder_layers = c.num_decoder_layers,
      .decoder_heads = c.num_heads,
      .generation = std::move(generation),
  };
}

}  // namespace

Architecture ReadT5(const ModelFolder& folder) {
  const T5Config c = ReadT5Config(folder);
  return {
      .info = Describe(c, ReadGenerationConfig(folder, c.generation_context())),
      .names = Names(c, KeepsTiedCopies(folder.Json("config.json"))),
      .encoder = Shape(c),
      .decoder = DecoderShape(c)};
}

}  // namespace tessera::models
