// Reads config.json of the family, then looks for contradictions.
#include "models/config/transformer_config.h"

#include <tessera/error.h>

#include <algorithm>
#include <cmath>
#include <span>
#include <string_view>

#include "models/config/config_values.h"
#include "models/files/json.h"
#include "models/files/message.h"

namespace tessera::models {
namespace {

using kernels::Normaliser;
using kernels::NormKind;

constexpr std::int64_t kMostHeadColumns = 1'048'576;  // H * K
constexpr std::size_t kMostFilled = 4096;

constexpr std::string_view kSizes[] = {"d_model",
                                       "num_heads",
                                       "key_width",
                                       "value_width",
                                       "ffn_dim",
                                       "encoder_layers",
                                       "decoder_layers",
                                       "source_vocab_size",
                                       "target_vocab_size",
                                       "max_source_positions",
                                       "max_target_positions"};

constexpr std::string_view kSwitches[] = {"norm_position",
                                          "norm_form",
                                          "norm_epsilon",
                                          "positions",
                                          "position_offset",
                                          "positions_skip_zeros",
                                          "scale_embedding",
                                          "zero_pad_embedding",
                                          "pad_keys",
                                          "fill_source",
                                          "attention_bias",
                                          "attention_activation",
                                          "output_projection",
                                          "output_projection_bias",
                                          "score",
                                          "normaliser",
                                          "projection_storage",
                                          "weight_storage",
                                          "activation_function",
                                          "share_embeddings",
                                          "tie_output",
                                          "output_bias",
                                          "branches",
                                          "branch_ffn"};

// Keys that other readers take, or that say nothing about a result.
constexpr std::string_view kOtherKeys[] = {"model_type",
                                           "architectures",
                                           "torch_dtype",
                                           "dtype",
                                           "transformers_version",
                                           "pad_token_id",
                                           "bos_token_id",
                                           "eos_token_id",
                                           "decoder_start_token_id",
                                           "forced_bos_token_id",
                                           "forced_eos_token_id",
                                           "num_beams",
                                           "max_length",
                                           "min_length",
                                           "max_new_tokens",
                                           "min_new_tokens",
                                           "length_penalty",
                                           "length_penalty_form",
                                           "early_stopping",
                                           "renormalize_logits",
                                           "bad_words_ids",
                                           "suppress_tokens",
                                           "begin_suppress_tokens"};

bool IsOneOf(std::span<const std::string_view> keys, std::string_view key) {
  return std::ranges::find(keys, key) != keys.end();
}

void RefuseUnknownKeys(const JsonObject& file) {
  for (const std::string& key : file.Keys()) {
    if (IsOneOf(kSizes, key) || IsOneOf(kSwitches, key) ||
        IsOneOf(kOtherKeys, key)) {
      continue;
    }
    file.Fail(key, "a key of models/README.md");
  }
}

void ReadSwitch(const JsonObject& file, std::string_view key, bool& value) {
  value = file.BooleanOr(key, value);
}

void ReadRequired(const JsonObject& file, std::string_view key,
                  IntegerRange range, std::size_t& value) {
  value = static_cast<std::size_t>(file.Integer(key, range));
}

void ReadHeads(const JsonObject& file, StackShape& shape) {
  AttentionForm& form = shape.attention;
  ReadRequired(file, "num_heads", kWidths, form.heads);
  if (!file.Contains("key_width") && shape.width % form.heads != 0) {
    file.Fail("num_heads",
              "a divisor of d_model = " + std::to_string(shape.width) +
                  ", or \"key_width\"");
  }
  const IntegerRange widths = {
      1, kMostHeadColumns / static_cast<std::int64_t>(form.heads)};
  form.key_width = std::max<std::size_t>(1, shape.width / form.heads);
  ReadSize(file, "key_width", widths, form.key_width);
  form.value_width = form.key_width;
  ReadSize(file, "value_width", widths, form.value_width);
}

void ReadSizes(const JsonObject& file, TransformerConfig& config) {
  StackShape& shape = config.encoder;
  ReadRequired(file, "d_model", kWidths, shape.width);
  ReadHeads(file, shape);
  ReadRequired(file, "ffn_dim", kFeedForwardWidths, shape.hidden_width);
  ReadRequired(file, "encoder_layers", kLayers, shape.layers);
  ReadRequired(file, "source_vocab_size", kVocabularies,
               config.source_vocab_size);
  ReadRequired(file, "target_vocab_size", kVocabularies,
               config.target_vocab_size);
  ReadRequired(file, "max_source_positions", kPositions,
               config.max_source_positions);
  ReadRequired(file, "max_target_positions", kPositions,
               config.max_target_positions);
  const std::size_t smaller =
      std::min(config.source_vocab_size, config.target_vocab_size);
  config.pad_token_id = static_cast<std::int32_t>(file.Integer(
      "pad_token_id", {0, static_cast<std::int64_t>(smaller) - 1}));
}

void ReadNorm(const JsonObject& file, NormForm& norm) {
  constexpr std::array<Choice<bool>, 2> kPlaces = {
      {{"post", false}, {"pre", true}}};
  constexpr std::array<Choice<NormKind>, 2> kForms = {
      {{"population", NormKind::kLayer}, {"unbiased", NormKind::kUnbiased}}};
  ReadChoice(file, "norm_position", kPlaces, norm.first);
  ReadChoice(file, "norm_form", kForms, norm.kind);
  if (!file.Contains("norm_epsilon")) return;
  const double epsilon = file.Number("norm_epsilon");
  norm.epsilon = static_cast<float>(epsilon);
  if (!(norm.epsilon > 0) || epsilon > 1) {
    file.Fail("norm_epsilon", "a number above 0 and up to 1");
  }
}

void ReadAttention(const JsonObject& file, AttentionForm& form,
                   StorageForm& storage) {
  constexpr std::array<Choice<Score>, 3> kScores = {
      {{"scaled_dot", Score::kScaledDot},
       {"dot", Score::kDot},
       {"additive", Score::kAdditive}}};
  constexpr std::array<Choice<Normaliser>, 2> kNormalisers = {
      {{"softmax", Normaliser::kSoftmax}, {"relu", Normaliser::kRelu}}};
  constexpr std::array<Choice<kernels::Activation>, 2> kActivations = {
      {{"none", kernels::Activation::kIdentity},
       {"relu", kernels::Activation::kRelu}}};
  ReadChoice(file, "score", kScores, form.score);
  ReadChoice(file, "normaliser", kNormalisers, form.normaliser);
  ReadChoice(file, "attention_activation", kActivations, form.activation);
  ReadSwitch(file, "attention_bias", storage.attention_bias);
  ReadSwitch(file, "output_projection", form.output);
  storage.projection_bias = form.output;
  ReadSwitch(file, "output_projection_bias", storage.projection_bias);
}

void ReadStorage(const JsonObject& file, StorageForm& storage) {
  constexpr std::array<Choice<HeadStorage>, 3> kStorages = {
      {{"fused", HeadStorage::kFused},
       {"per_head", HeadStorage::kPerHead},
       {"two_step", HeadStorage::kTwoStep}}};
  constexpr std::array<Choice<bool>, 2> kOrders = {
      {{"row", false}, {"column", true}}};
  ReadChoice(file, "projection_storage", kStorages, storage.heads);
  ReadChoice(file, "weight_storage", kOrders, storage.columns);
}

void ReadBranches(const JsonObject& file, StackShape& shape) {
  constexpr std::array<Choice<Branches>, 4> kForms = {
      {{"none", Branches::kNone},
       {"paper", Branches::kPaper},
       {"jayparks_head", Branches::kJayParksHead},
       {"jayparks_667faad", Branches::kJayParks667faad}}};
  constexpr std::array<Choice<bool>, 2> kBlocks = {
      {{"split", false}, {"shared", true}}};
  ReadChoice(file, "branches", kForms, shape.branches);
  ReadChoice(file, "branch_ffn", kBlocks, shape.shared_branches);
}

void ReadEmbeddings(const JsonObject& file, TransformerConfig& config) {
  constexpr std::array<Choice<Positions>, 4> kForms = {
      {{"sinusoid", Positions::kSinusoid},
       {"sinusoid_half", Positions::kSinusoidHalf},
       {"learned", Positions::kLearned},
       {"none", Positions::kNone}}};
  constexpr std::array<Choice<PadKeys>, 3> kPadKeys = {
      {{"masked", PadKeys::kMasked},
       {"seen", PadKeys::kSeen},
       {"first_layer", PadKeys::kFirstLayer}}};
  ReadChoice(file, "positions", kForms, config.positions);
  ReadSize(file, "position_offset", {0, kPositions.max},
           config.position_offset);
  ReadSwitch(file, "positions_skip_zeros", config.positions_skip_zeros);
  ReadSwitch(file, "scale_embedding", config.scale_embedding);
  ReadSwitch(file, "zero_pad_embedding", config.zero_pad_embedding);
  ReadChoice(file, "pad_keys", kPadKeys, config.pad_keys);
  ReadSwitch(file, "fill_source", config.fill_source);
  ReadSwitch(file, "share_embeddings", config.share_embeddings);
  ReadSwitch(file, "tie_output", config.tie_output);
  ReadSwitch(file, "output_bias", config.output_bias);
}

void CheckAttention(const JsonObject& file, const TransformerConfig& config) {
  const StackShape& shape = config.encoder;
  const AttentionForm& form = shape.attention;
  if (!form.output && form.value_columns() != shape.width) {
    file.Fail("output_projection",
              "true, as num_heads * value_width = " +
                  std::to_string(form.value_columns()) +
                  " is not d_model = " + std::to_string(shape.width));
  }
  if (!form.output && config.storage.projection_bias) {
    file.Fail("output_projection_bias",
              "false, as \"output_projection\" is false");
  }
  if (shape.norm.kind == NormKind::kUnbiased && shape.width == 1) {
    file.Fail("norm_form", "\"population\", as d_model is 1");
  }
}

void CheckBranches(const JsonObject& file, const StackShape& shape) {
  if (shape.branches == Branches::kNone) {
    if (file.Contains("branch_ffn")) {
      file.Fail("branch_ffn", "no such key, as there are no branches");
    }
    return;
  }
  if (!shape.attention.output) {
    file.Fail("output_projection", "true, as there are branches");
  }
  if (shape.branches != Branches::kPaper && shape.norm.first) {
    file.Fail("norm_position",
              "\"post\", as \"branches\" is " + file.String("branches"));
  }
  if (!shape.shared_branches &&
      shape.hidden_width % shape.attention.heads != 0) {
    file.Fail("ffn_dim", "a multiple of num_heads = " +
                             std::to_string(shape.attention.heads) +
                             ", as every branch has its part");
  }
}

void CheckEmbeddings(const JsonObject& file, const TransformerConfig& config) {
  if (config.share_embeddings &&
      config.source_vocab_size != config.target_vocab_size) {
    file.Fail(
        "target_vocab_size",
        "source_vocab_size = " + std::to_string(config.source_vocab_size) +
            ", as \"share_embeddings\" is true");
  }
  // Every sentence has so many tokens, and takes time with their square.
  if (config.fill_source && config.max_source_positions > kMostFilled) {
    file.Fail("max_source_positions",
              Cat("at most ", kMostFilled, ", as \"fill_source\" is true"));
  }
  if (config.fill_source && config.pad_keys == PadKeys::kMasked) {
    file.Fail("fill_source", "false, as \"pad_keys\" is \"masked\"");
  }
  const bool zeros =
      config.zero_pad_embedding && !config.encoder.norm.first &&
      (config.positions == Positions::kNone || config.positions_skip_zeros);
  if (config.pad_keys == PadKeys::kFirstLayer && !zeros) {
    file.Fail("pad_keys",
              "\"masked\" or \"seen\", or else padding that enters as zeros: "
              "\"zero_pad_embedding\", \"positions_skip_zeros\", post-norm");
  }
  if (config.positions != Positions::kNone) return;
  if (config.position_offset > 0) {
    file.Fail("position_offset", "0, as \"positions\" is \"none\"");
  }
  if (config.positions_skip_zeros) {
    file.Fail("positions_skip_zeros", "false, as \"positions\" is \"none\"");
  }
}

std::vector<std::pair<std::string, std::string>> Switches(
    const JsonObject& file) {
  std::vector<std::pair<std::string, std::string>> set;
  for (const std::string_view key : kSwitches) {
    if (file.Contains(key)) set.emplace_back(key, file.Text(key));
  }
  return set;
}

}  // namespace

TransformerConfig ReadTransformerConfig(const ModelFolder& folder) {
  const JsonObject& file = folder.Json("config.json");
  RefuseUnknownKeys(file);
  TransformerConfig config;
  ReadSizes(file, config);
  StackShape& shape = config.encoder;
  shape.activation = ReadActivation(file, shape.activation);
  ReadNorm(file, shape.norm);
  ReadAttention(file, shape.attention, config.storage);
  ReadStorage(file, config.storage);
  ReadBranches(file, shape);
  ReadEmbeddings(file, config);
  CheckAttention(file, config);
  CheckBranches(file, shape);
  CheckEmbeddings(file, config);
  if (config.positions == Positions::kSinusoid ||
      config.positions == Positions::kSinusoidHalf) {
    CheckPositionTable(file, "max_source_positions",
                       config.max_source_positions + config.position_offset,
                       shape.width);
    CheckPositionTable(file, "max_target_positions",
                       config.max_target_positions + config.position_offset,
                       shape.width);
  }
  config.decoder = shape;
  ReadRequired(file, "decoder_layers", kLayers, config.decoder.layers);
  config.switches = Switches(file);
  return config;
}

GenerationContext TransformerConfig::generation_context() const {
  return {.vocab_size = target_vocab_size,
          .max_positions = max_target_positions,
          .pad_token_id = pad_token_id,
          .eos_token_id = std::nullopt,
          .decoder_start_token_id = std::nullopt,
          .forced_eos_token_id = std::nullopt};
}

}  // namespace tessera::models
