// The table of T5 and its relatives; reading and checking of config.json.
#include "models/config/t5_config.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <string>

#include "models/config/config_values.h"
#include "models/files/json.h"

namespace tessera::models {
namespace {

using kernels::Activation;

constexpr std::array<T5Config, 3> kFamily = {{
    {.model_type = "t5",
     .vocab_size = 32128,
     .d_ff = 2048,
     .num_layers = 6,
     .num_heads = 8,
     .activation = Activation::kRelu,
     .gated = false,
     .decoder_start_token_id = {}},
    {.model_type = "mt5", .tie_word_embeddings = false},
    {.model_type = "umt5", .bias_of_each_layer = true},
}};

T5Config FindClass(const JsonObject& file) {
  const std::string type = file.String("model_type");
  for (const T5Config& config : kFamily) {
    if (config.model_type == type) return config;
  }
  file.Fail("model_type", "one of \"t5\", \"mt5\", \"umt5\"");
}

void ReadDimensions(const JsonObject& file, T5Config& config) {
  ReadSize(file, "vocab_size", kVocabularies, config.vocab_size);
  ReadSize(file, "d_model", "hidden_size", kWidths, config.d_model);
  ReadSize(file, "d_kv", "head_dim", kWidths, config.d_kv);
  ReadSize(file, "d_ff", kFeedForwardWidths, config.d_ff);
  ReadSize(file, "num_layers", "num_hidden_layers", kLayers, config.num_layers);
  ReadSize(file, "num_heads", "num_attention_heads", kWidths, config.num_heads);
  config.num_decoder_layers = config.num_layers;
  if (file.IsSet("num_decoder_layers")) {
    ReadSize(file, "num_decoder_layers", kLayers, config.num_decoder_layers);
  }
  if (config.num_heads * config.d_kv > kFeedForwardWidths.max) {
    file.Fail("d_kv", "at most " + std::to_string(kFeedForwardWidths.max) +
                          " with all of num_heads");
  }
}

// Both ways there are half as many buckets, and half of these are for single
// distances.
void ReadBuckets(const JsonObject& file, T5Config& config) {
  constexpr IntegerRange kBuckets = {4, 65'536};
  constexpr IntegerRange kDistances = {1, 65'536};
  constexpr std::string_view kReach = "relative_attention_max_distance";
  ReadSize(file, "relative_attention_num_buckets", kBuckets, config.buckets);
  ReadSize(file, kReach, kDistances, config.max_distance);
  if (config.max_distance > config.buckets / 2) return;
  file.Fail(kReach, "more than half of relative_attention_num_buckets = " +
                        std::to_string(config.buckets));
}

// "ACT" or "gated-ACT"; of the names that Transformers makes of it,
// is_gated_act and dense_act_fn, a file may hold copies.
void ReadFeedForward(const JsonObject& file, T5Config& config) {
  constexpr std::string_view kKey = "feed_forward_proj";
  constexpr std::string_view kGated = "gated-";
  if (file.Contains(kKey)) {
    std::string name = file.String(kKey);
    config.gated = name.starts_with(kGated);
    if (config.gated) name.erase(0, kGated.size());
    if (config.gated && name == "gelu") name = "gelu_new";
    const auto choice =
        std::ranges::find(kActivations, name, &Choice<Activation>::name);
    if (choice == kActivations.end()) {
      file.Fail(kKey,
                "relu, gelu, silu or another activation function, or "
                "\"gated-\" and one");
    }
    config.activation = choice->value;
  }
  if (file.IsSet("is_gated_act") &&
      file.Boolean("is_gated_act") != config.gated) {
    file.Fail("is_gated_act", "what \"feed_forward_proj\" says");
  }
  if (!file.IsSet("dense_act_fn")) return;
  Activation copy = config.activation;
  ReadChoice(file, "dense_act_fn", kActivations, copy);
  if (copy == config.activation) return;
  file.Fail("dense_act_fn", "what \"feed_forward_proj\" says");
}

void ReadEpsilon(const JsonObject& file, T5Config& config) {
  constexpr std::string_view kKey = "layer_norm_epsilon";
  if (!file.Contains(kKey)) return;
  const double epsilon = file.Number(kKey);
  config.epsilon = static_cast<float>(epsilon);
  if (config.epsilon > 0 && epsilon <= 1) return;
  file.Fail(kKey, "a number above 0 and up to 1");
}

// Whether Transformers 5 or later wrote the file.
bool IsOfVersion5(const JsonObject& file) {
  constexpr const char* kKey = "transformers_version";
  if (!file.IsSet(kKey) || !file.IsString(kKey)) return false;
  return std::atoi(file.String(kKey).c_str()) >= 5;
}

void ReadTies(const JsonObject& file, T5Config& config) {
  config.tie_word_embeddings =
      file.BooleanOr("tie_word_embeddings", config.tie_word_embeddings);
  const bool scales = config.tie_word_embeddings &&
                      !(config.model_type == "mt5" && IsOfVersion5(file));
  config.scales_logits = file.BooleanOr("scale_decoder_outputs", scales);
}

}  // namespace

T5Config ReadT5Config(const ModelFolder& folder) {
  const JsonObject& file = folder.Json("config.json");
  T5Config config = FindClass(file);
  RefuseTiedStacks(file);
  ReadDimensions(file, config);
  ReadBuckets(file, config);
  ReadFeedForward(file, config);
  ReadEpsilon(file, config);
  ReadPadding(file, config.vocab_size, config.pad_token_id);
  ReadTies(file, config);
  return config;
}

GenerationContext T5Config::generation_context() const {
  return {.vocab_size = vocab_size,
          .max_positions = kMaxTokens,
          .pad_token_id = pad_token_id,
          .eos_token_id = eos_token_id,
          .decoder_start_token_id = decoder_start_token_id,
          .forced_eos_token_id = std::nullopt};
}

}  // namespace tessera::models
