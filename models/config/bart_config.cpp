// The table of BART and its relatives; reading and checking of config.json.
#include "models/config/bart_config.h"

#include <algorithm>
#include <array>
#include <string>

#include "models/config/config_values.h"
#include "models/files/json.h"

namespace tessera::models {
namespace {

using kernels::Activation;

constexpr std::array<BartConfig, 7> kFamily = {{
    {.model_type = "marian",
     .positions = Positions::kStoredHalf,
     .may_separate = true,
     .vocab_size = 58101,
     .pad_token_id = 58100,
     .bos_token_id = {},
     .eos_token_id = 0,
     .decoder_start_token_id = 58100,
     .forced_eos_token_id = 0},
    {.model_type = "bart",
     .encoder_norm = EmbeddingNorm::kLast,
     .decoder_norm = EmbeddingNorm::kLast,
     .position_offset = 2,
     .decoder_start_token_id = 2},
    {.model_type = "mbart",
     .pre_norm = true,
     .encoder_norm = EmbeddingNorm::kLast,
     .decoder_norm = EmbeddingNorm::kLast,
     .position_offset = 2},
    {.model_type = "pegasus",
     .pre_norm = true,
     .positions = Positions::kStoredHalf,
     .pad_token_id = 0,
     .bos_token_id = {},
     .eos_token_id = 1,
     .decoder_start_token_id = 0,
     .forced_eos_token_id = 1},
    {.model_type = "m2m_100",
     .pre_norm = true,
     .positions = Positions::kSinusoidFairseq,
     .counts_from_pad = true,
     .output_bias = false,
     .vocab_size = 128112,
     .activation = Activation::kRelu,
     .scale_embedding = true,
     .decoder_start_token_id = 2,
     .forced_eos_token_id = {}},
    {.model_type = "blenderbot",
     .pre_norm = true,
     .vocab_size = 8008,
     .d_model = 2560,
     .encoder_layers = 2,
     .decoder_layers = 24,
     .encoder_attention_heads = 32,
     .decoder_attention_heads = 32,
     .encoder_ffn_dim = 10240,
     .decoder_ffn_dim = 10240,
     .max_position_embeddings = 128,
     .pad_token_id = 0,
     .bos_token_id = 1,
     .decoder_start_token_id = 1,
     .encoder_no_repeat_ngram_size = 3},
    {.model_type = "blenderbot-small",
     .encoder_norm = EmbeddingNorm::kLast,
     .decoder_norm = EmbeddingNorm::kBeforePositions,
     .d_model = 512,
     .encoder_layers = 8,
     .decoder_layers = 8,
     .encoder_ffn_dim = 2048,
     .decoder_ffn_dim = 2048,
     .max_position_embeddings = 512,
     .pad_token_id = 0,
     .bos_token_id = 1,
     .decoder_start_token_id = 1},
}};

BartConfig FindClass(const JsonObject& file) {
  const std::string type = file.String("model_type");
  std::string known;
  for (const BartConfig& config : kFamily) {
    if (config.model_type == type) return config;
    known += (known.empty() ? "\"" : ", \"");
    known.append(config.model_type) += '"';
  }
  file.Fail("model_type", "one of " + known);
}

void CheckHeads(const JsonObject& file, std::string_view key, std::size_t heads,
                std::size_t d_model) {
  if (d_model % heads == 0) return;
  file.Fail(key, "a divisor of d_model = " + std::to_string(d_model));
}

// Positions that are computed: a wide table has no file to bound it.
void CheckPositions(const JsonObject& file, const BartConfig& config) {
  if (config.positions == Positions::kLearned) return;
  CheckPositionTable(file, "max_position_embeddings",
                     config.max_position_embeddings + config.position_offset,
                     config.d_model);
  if (config.positions == Positions::kSinusoidFairseq && config.d_model < 4) {
    file.Fail("d_model", "at least 4, as positions are sines of " +
                             std::string(config.model_type));
  }
}

void ReadDimensions(const JsonObject& file, BartConfig& config) {
  ReadSize(file, "d_model", "hidden_size", kWidths, config.d_model);
  ReadSize(file, "encoder_layers", kLayers, config.encoder_layers);
  ReadSize(file, "decoder_layers", kLayers, config.decoder_layers);
  ReadSize(file, "encoder_attention_heads", "num_attention_heads", kWidths,
           config.encoder_attention_heads);
  ReadSize(file, "decoder_attention_heads", kWidths,
           config.decoder_attention_heads);
  ReadSize(file, "encoder_ffn_dim", kFeedForwardWidths, config.encoder_ffn_dim);
  ReadSize(file, "decoder_ffn_dim", kFeedForwardWidths, config.decoder_ffn_dim);
  ReadSize(file, "max_position_embeddings", kPositions,
           config.max_position_embeddings);
  CheckHeads(file, "encoder_attention_heads", config.encoder_attention_heads,
             config.d_model);
  CheckHeads(file, "decoder_attention_heads", config.decoder_attention_heads,
             config.d_model);
}

// With shared embeddings Transformers sizes the output by vocab_size and does
// not look at decoder_vocab_size. That key may be null or 0: as vocab_size.
void ReadVocabularies(const JsonObject& file, BartConfig& config) {
  ReadSize(file, "vocab_size", kVocabularies, config.vocab_size);
  config.target_vocab_size = config.vocab_size;
  if (config.may_separate) {
    config.share_encoder_decoder_embeddings =
        file.BooleanOr("share_encoder_decoder_embeddings", true);
  }
  if (!config.share_encoder_decoder_embeddings &&
      file.IsSet("decoder_vocab_size") &&
      !file.Equals("decoder_vocab_size", 0)) {
    ReadSize(file, "decoder_vocab_size", kVocabularies,
             config.target_vocab_size);
  }
  ReadPadding(file, std::min(config.vocab_size, config.target_vocab_size),
              config.pad_token_id);
}

// How folders of 2020 say that outputs begin with BOS.
void ReadForcedStart(const JsonObject& file, BartConfig& config) {
  constexpr std::string_view kKey = "force_bos_token_to_be_generated";
  if (config.model_type != "bart" || !file.BooleanOr(kKey, false)) return;
  config.forced_bos_token_id = static_cast<std::int32_t>(
      file.IntegerOr("bos_token_id", *config.bos_token_id,
                     {0, static_cast<std::int64_t>(config.vocab_size) - 1}));
}

}  // namespace

BartConfig ReadBartConfig(const ModelFolder& folder) {
  const JsonObject& file = folder.Json("config.json");
  BartConfig config = FindClass(file);
  RefuseTiedStacks(file);
  ReadDimensions(file, config);
  ReadVocabularies(file, config);
  if (config.counts_from_pad) {
    config.position_offset = static_cast<std::size_t>(config.pad_token_id) + 1;
  }
  CheckPositions(file, config);
  config.activation = ReadActivation(file, config.activation);
  config.scale_embedding =
      file.BooleanOr("scale_embedding", config.scale_embedding);
  config.tie_word_embeddings =
      file.BooleanOr("tie_word_embeddings", config.tie_word_embeddings);
  ReadForcedStart(file, config);
  return config;
}

GenerationContext BartConfig::generation_context() const {
  return {.vocab_size = target_vocab_size,
          .max_positions = max_position_embeddings,
          .pad_token_id = pad_token_id,
          .eos_token_id = eos_token_id,
          .decoder_start_token_id = decoder_start_token_id,
          .forced_eos_token_id = forced_eos_token_id,
          .bos_token_id = bos_token_id,
          .forced_bos_token_id = forced_bos_token_id,
          .encoder_no_repeat_ngram_size = encoder_no_repeat_ngram_size};
}

}  // namespace tessera::models
