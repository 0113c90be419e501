// Reading and checking config.json.
#include "models/config/marian_config.h"

#include <tessera/error.h>

#include <algorithm>
#include <string_view>

#include "models/config/config_values.h"
#include "models/files/json.h"

namespace tessera::models {
namespace {

// A key with a second name: either will do, both must agree.
void ReadSize(const JsonObject& file, std::string_view key,
              std::string_view alias, IntegerRange range, std::size_t& value) {
  ReadSize(file, key, range, value);
  if (!file.Contains(alias)) return;
  const std::size_t own = value;
  ReadSize(file, alias, range, value);
  if (!file.Contains(key) || own == value) return;
  file.Fail(alias,
            "the " + std::to_string(own) + " of \"" + std::string(key) + "\"");
}

void CheckHeads(const JsonObject& file, std::string_view key, std::size_t heads,
                std::size_t d_model) {
  if (d_model % heads == 0) return;
  throw Error(file.where() + ": key \"" + std::string(key) +
              "\": want a divisor of d_model = " + std::to_string(d_model) +
              ", found " + std::to_string(heads));
}

void ReadDimensions(const JsonObject& file, MarianConfig& config) {
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
  CheckPositionTable(file, "max_position_embeddings",
                     config.max_position_embeddings, config.d_model);
  CheckHeads(file, "encoder_attention_heads", config.encoder_attention_heads,
             config.d_model);
  CheckHeads(file, "decoder_attention_heads", config.decoder_attention_heads,
             config.d_model);
}

// With shared embeddings Transformers sizes the output by vocab_size and does
// not look at decoder_vocab_size. That key may be null or 0: as vocab_size.
void ReadVocabularies(const JsonObject& file, MarianConfig& config) {
  ReadSize(file, "vocab_size", kVocabularies, config.vocab_size);
  config.share_encoder_decoder_embeddings =
      file.BooleanOr("share_encoder_decoder_embeddings",
                     config.share_encoder_decoder_embeddings);
  config.target_vocab_size = config.vocab_size;
  if (!config.share_encoder_decoder_embeddings &&
      file.IsSet("decoder_vocab_size") &&
      !file.Equals("decoder_vocab_size", 0)) {
    ReadSize(file, "decoder_vocab_size", kVocabularies,
             config.target_vocab_size);
  }
  const auto smaller = static_cast<std::int64_t>(
      std::min(config.vocab_size, config.target_vocab_size));
  const std::int64_t pad =
      file.IntegerOr("pad_token_id", config.pad_token_id, {0, smaller - 1});
  if (pad >= smaller) {
    file.Fail("pad_token_id", "an id below " + std::to_string(smaller) +
                                  " (Transformers' default is " +
                                  std::to_string(pad) + ")");
  }
  config.pad_token_id = static_cast<std::int32_t>(pad);
}

}  // namespace

std::string ReadModelType(const ModelFolder& folder) {
  return folder.Json("config.json").String("model_type");
}

MarianConfig ReadMarianConfig(const ModelFolder& folder) {
  const JsonObject& file = folder.Json("config.json");
  if (file.String("model_type") != "marian") {
    file.Fail("model_type", "\"marian\"");
  }
  if (file.BooleanOr("tie_encoder_decoder", false)) {
    file.Fail("tie_encoder_decoder", "false (true is not supported)");
  }
  MarianConfig config;
  ReadDimensions(file, config);
  ReadVocabularies(file, config);
  config.activation = ReadActivation(file, config.activation);
  config.scale_embedding =
      file.BooleanOr("scale_embedding", config.scale_embedding);
  config.tie_word_embeddings =
      file.BooleanOr("tie_word_embeddings", config.tie_word_embeddings);
  return config;
}

GenerationContext MarianConfig::generation_context() const {
  return {.vocab_size = target_vocab_size,
          .max_positions = max_position_embeddings,
          .pad_token_id = pad_token_id,
          .eos_token_id = 0,
          .decoder_start_token_id = 58100,
          .forced_eos_token_id = 0};
}

}  // namespace tessera::models
