// One row for each option.
#include "models/config/unsupported_options.h"

#include <optional>
#include <string>
#include <string_view>

#include "models/files/message.h"

namespace tessera::models {
namespace {

// The value that leaves results as they are. A null does so always; for kNull
// nothing else does. Booleans count as 0 and 1.
struct Neutral {
  std::string_view text;  // as a file would write it
  std::optional<double> value;
};
constexpr Neutral kNull = {"null", std::nullopt};
constexpr Neutral kFalse = {"false", 0};
constexpr Neutral kZero = {"0", 0};
constexpr Neutral kOne = {"1", 1};

enum class Use {
  kRead,         // ReadGenerationConfig reads it
  kOutput,       // changes what generate() returns beside the sequences
  kUnsupported,  // changes results
};

struct Option {
  std::string_view key;
  Neutral neutral;
  Use use;
  bool in_model_config;  // Transformers 4.57 looks for it in config.json
};

constexpr Option kOptions[] = {
    {"max_length", {"20", 20}, Use::kRead, true},
    {"min_length", kZero, Use::kRead, true},
    {"num_beams", kOne, Use::kRead, true},
    {"early_stopping", kFalse, Use::kRead, true},
    {"length_penalty", kOne, Use::kRead, true},
    {"no_repeat_ngram_size", kZero, Use::kRead, true},
    {"encoder_no_repeat_ngram_size", kZero, Use::kRead, true},
    {"bad_words_ids", kNull, Use::kRead, true},
    {"forced_bos_token_id", kNull, Use::kRead, true},
    {"forced_eos_token_id", kNull, Use::kRead, true},
    {"suppress_tokens", kNull, Use::kRead, true},
    {"begin_suppress_tokens", kNull, Use::kRead, true},
    {"num_return_sequences", kOne, Use::kRead, true},
    {"num_beam_groups", kOne, Use::kRead, true},
    {"diversity_penalty", kZero, Use::kRead, true},
    {"repetition_penalty", kOne, Use::kRead, true},
    {"exponential_decay_length_penalty", kNull, Use::kRead, true},
    {"encoder_repetition_penalty", kOne, Use::kRead, false},
    {"sequence_bias", kNull, Use::kRead, false},

    {"do_sample", kFalse, Use::kRead, true},
    {"temperature", kOne, Use::kRead, true},
    {"top_k", {"50", 50}, Use::kRead, true},
    {"top_p", kOne, Use::kRead, true},
    {"typical_p", kOne, Use::kRead, true},
    {"output_scores", kFalse, Use::kOutput, true},
    {"return_dict_in_generate", kFalse, Use::kOutput, true},

    {"remove_invalid_values", kFalse, Use::kUnsupported, true},
    {"guidance_scale", kOne, Use::kUnsupported, false},
    {"watermarking_config", kNull, Use::kUnsupported, false},
    {"token_healing", kFalse, Use::kUnsupported, false},
    {"stop_strings", kNull, Use::kUnsupported, false},
    {"max_time", kNull, Use::kUnsupported, false},
    {"penalty_alpha", kZero, Use::kUnsupported, false},
    {"dola_layers", kNull, Use::kUnsupported, false},
    {"constraints", kNull, Use::kUnsupported, false},
    {"force_words_ids", kNull, Use::kUnsupported, false},
    {"prompt_lookup_num_tokens", kNull, Use::kUnsupported, false},
    {"assistant_early_exit", kNull, Use::kUnsupported, false},
};

bool IsNeutral(const JsonObject& file, std::string_view key,
               std::optional<double> neutral) {
  return !file.IsSet(key) || (neutral && file.Equals(key, *neutral));
}

}  // namespace

void CheckUnsupportedOptions(const ModelFolder& folder,
                             const JsonObject& file) {
  for (const Option& option : kOptions) {
    if (option.use != Use::kUnsupported) continue;
    if (IsNeutral(file, option.key, option.neutral.value)) continue;
    if (folder.policy().ignore_unsupported) {
      folder.Warn(Cat(file.where(), ": key \"", option.key,
                      "\": ", QuoteText(file.Text(option.key)),
                      " is not supported yet and ignored: outputs differ from "
                      "those of Transformers"));
      continue;
    }
    file.Fail(option.key,
              Cat(option.neutral.text,
                  " (other values are not supported yet; --ignore-unsupported "
                  "goes on without them)"));
  }
}

bool SetsGenerationOptions(const JsonObject& config,
                           const GenerationContext& context) {
  for (const Option& option : kOptions) {
    if (!option.in_model_config) continue;
    std::optional<double> neutral = option.neutral.value;
    if (option.key == "forced_eos_token_id" && context.forced_eos_token_id) {
      neutral = *context.forced_eos_token_id;
    }
    if (option.key == "encoder_no_repeat_ngram_size") {
      neutral = static_cast<double>(context.encoder_no_repeat_ngram_size);
    }
    if (!IsNeutral(config, option.key, neutral)) return true;
  }
  return false;
}

}  // namespace tessera::models
