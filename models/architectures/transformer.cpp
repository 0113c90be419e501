// Loads the family of Transformers with switches.
//
// Sources: Vaswani et al. 2017, arXiv:1706.03762; Ahmed et al. 2017,
// arXiv:1711.02132; the public systems Kyubyong/transformer and
// JayParks/transformer. models/README.md tells names and meanings.
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "models/architectures/architectures.h"
#include "models/config/transformer_config.h"
#include "models/weights/tensor_names.h"

namespace tessera::models {
namespace {

LayerForms Forms(const StorageForm& storage) {
  const TensorForm rows = {.matrix = storage.columns ? "io" : "oi"};
  LayerForms forms = {.to_heads = rows, .from_heads = rows, .others = rows};
  forms.to_heads.two_step = storage.heads == HeadStorage::kTwoStep;
  if (storage.heads == HeadStorage::kPerHead) {
    forms.to_heads.matrix.insert(0, 1, 'O');
    forms.to_heads.vector = "Oo";
    forms.from_heads.matrix.insert(0, 1, 'I');
  }
  if (!storage.attention_bias) forms.to_heads.vector.clear();
  if (!storage.projection_bias) forms.from_heads.vector.clear();
  return forms;
}

// W^O has a bias for each head where these are branches.
void AddBranches(const TransformerConfig& c, const LayerForms& forms,
                 std::vector<TensorRule>& rules) {
  if (c.encoder.branches == Branches::kNone) return;
  const std::string branches = "*.layers.*.branches";
  rules.push_back({branches, {branches}});
  rules.push_back({branches + ".*.in", {branches + ".*.fc1"}, forms.others});
  rules.push_back({branches + ".*.out", {branches + ".*.fc2"}, forms.others});
  rules.push_back({branches + ".*.norm", {branches + ".*.layer_norm"}});
  for (const auto& [own, stored] :
       {std::pair("encoder.layers.*.self_attention",
                  "encoder.layers.*.self_attn.out_proj.bias"),
        std::pair("decoder.layers.*.cross_attention",
                  "decoder.layers.*.encoder_attn.out_proj.bias")}) {
    std::vector<std::string> biases;
    if (c.storage.projection_bias) biases.emplace_back(stored);
    rules.push_back(
        {own + std::string(".output.bias"), biases, {.vector = "+o"}});
    rules.push_back({own + std::string(".head_biases.weight"), biases});
  }
}

TensorNames Names(const TransformerConfig& c) {
  const LayerForms forms = Forms(c.storage);
  TensorNames names = {.prefix = "",
                       .rules = BartRules(forms),
                       .heads = c.encoder.attention.heads};
  AddBranches(c, forms, names.rules);
  TensorRule tokens = {"encoder.tokens", {"shared"}};
  if (c.zero_pad_embedding) {
    tokens.zero_row = static_cast<std::size_t>(c.pad_token_id);
  }
  if (!c.share_embeddings) tokens.stored = {"encoder.embed_tokens"};
  names.rules.push_back(tokens);
  tokens.name = "decoder.tokens";
  if (!c.share_embeddings) tokens.stored = {"decoder.embed_tokens"};
  names.rules.push_back(tokens);
  if (c.tie_output) {
    names.rules.push_back({"output", tokens.stored});
  } else {
    names.rules.push_back({"output", {"lm_head"}, forms.others});
  }
  names.rules.push_back(
      {"*.tokens.bias", {}});  // tables for look-ups have none
  names.rules.push_back({"output.bias", {}});
  if (c.output_bias) names.rules.back().stored = {"lm_head.bias"};
  return names;
}

ModelInfo Describe(const TransformerConfig& c, GenerationConfig generation) {
  const AttentionForm& attention = c.encoder.attention;
  ModelInfo info = {
      .architecture = "tessera_transformer",
      .dimensions = {{"model width", std::to_string(c.encoder.width)},
                     {"layers (encoder + decoder)",
                      std::to_string(c.encoder.layers) + " + " +
                          std::to_string(c.decoder.layers)},
                     {"heads", std::to_string(attention.heads)},
                     {"head width (keys, values)",
                      std::to_string(attention.key_width) + ", " +
                          std::to_string(attention.value_width)},
                     {"feed-forward width",
                      std::to_string(c.encoder.hidden_width)},
                     {"positions (source, target)",
                      std::to_string(c.max_source_positions) + ", " +
                          std::to_string(c.max_target_positions)}},
      .source_vocabulary = c.source_vocab_size,
      .target_vocabulary = c.target_vocab_size,
      .max_source_tokens = c.max_source_positions,
      .max_target_tokens = c.max_target_positions,
      .width = c.encoder.width,
      .decoder_layers = c.decoder.layers,
      .decoder_heads = c.decoder.attention.heads,
      .generation = std::move(generation),
  };
  info.dimensions.insert(info.dimensions.end(), c.switches.begin(),
                         c.switches.end());
  return info;
}

PaddingRule Padding(const TransformerConfig& c) {
  PaddingRule rule;
  if (c.pad_keys != PadKeys::kSeen) rule.hidden = c.pad_token_id;
  rule.fades = c.pad_keys == PadKeys::kFirstLayer;
  if (c.fill_source) rule.filler = c.pad_token_id;
  return rule;
}

}  // namespace

Architecture ReadTransformer(const ModelFolder& folder) {
  const TransformerConfig config = ReadTransformerConfig(folder);
  const EmbeddingRule embedding = {
      .scale = config.scale_embedding
                   ? std::sqrt(static_cast<float>(config.encoder.width))
                   : 1.0f,
      .positions = config.positions,
      .position_offset = config.position_offset,
      .skip_zeros = config.positions_skip_zeros};
  return {.info = Describe(config, ReadGenerationConfig(
                                       folder, config.generation_context())),
          .names = Names(config),
          .encoder = config.encoder,
          .decoder = config.decoder,
          .encoder_embedding = embedding,
          .decoder_embedding = embedding,
          .padding = Padding(config)};
}

}  // namespace tessera::models
