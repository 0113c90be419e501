// Checks of options.
#include "engine/search/search_options.h"

#include <algorithm>
#include <cmath>
#include <string_view>

#include "models/files/message.h"

namespace tessera::engine {
namespace {

using models::Refuse;

void CheckRange(std::string_view option, std::size_t value, std::size_t min,
                std::size_t max) {
  if (value >= min && value <= max) return;
  Refuse(option, models::Cat(min, " to ", max), value);
}

// What max_length and max_new_tokens say; each is checked as it was given.
void SetLength(const TranslateOptions& options, const models::ModelInfo& model,
               SearchOptions& resolved) {
  const std::size_t positions = model.max_target_tokens;
  if (options.max_length && options.max_new_tokens) {
    Refuse("max_length, max_new_tokens", "one of them", "both");
  }
  if (options.max_new_tokens) {
    CheckRange("max_new_tokens", *options.max_new_tokens, 1, positions);
    resolved.max_new_tokens = options.max_new_tokens;
    resolved.max_length = *options.max_new_tokens + 1;
    return;
  }
  const models::GenerationConfig& defaults = model.generation;
  if (!options.max_length) resolved.max_new_tokens = defaults.max_new_tokens;
  resolved.max_length = options.max_length.value_or(defaults.max_length);
  CheckRange("max_length", resolved.max_length, 2, positions + 1);
}

}  // namespace

SearchOptions Resolve(const TranslateOptions& options,
                      const models::ModelInfo& model) {
  const models::GenerationConfig& defaults = model.generation;
  SearchOptions resolved = {
      .beam_size = options.beam_size.value_or(defaults.num_beams),
      .length_penalty =
          options.length_penalty.value_or(defaults.length_penalty),
      .length_penalty_form = defaults.length_penalty_form,
      .early_stopping = defaults.early_stopping};
  CheckRange("beam_size", resolved.beam_size, 1, kMaxBeamSize);
  SetLength(options, model, resolved);
  if (!(std::abs(resolved.length_penalty) <= kMaxLengthPenalty)) {
    Refuse("length_penalty", "a number from -10 to 10",
           resolved.length_penalty);
  }
  return resolved;
}

std::optional<AlignmentChoice> ResolveAlignment(
    const TranslateOptions& options, const models::ModelInfo& model) {
  const auto check = [](const char* option, const auto& value,
                        std::size_t count) {
    if (value && *value >= count) {
      Refuse(option, models::Cat("a number below ", count), *value);
    }
  };
  check("alignment_layer", options.alignment_layer, model.decoder_layers);
  check("alignment_head", options.alignment_head, model.decoder_heads);
  if (!options.alignments) return std::nullopt;
  return AlignmentChoice{.layer = options.alignment_layer,
                         .head = options.alignment_head};
}

void CheckTimeLimit(const TranslateOptions& options) {
  if (!options.time_limit || options.time_limit->count() > 0) return;
  Refuse("time_limit", "at least 1 ms", options.time_limit->count());
}

bool Splits(const TranslateOptions& options, const models::ModelInfo& model) {
  if (!options.split) {
    return model.generation.split == models::TextSplit::kSentences;
  }
  if (*options.split > TextSplit::kSentences) {
    Refuse("split", "kNone or kSentences", static_cast<int>(*options.split));
  }
  return *options.split == TextSplit::kSentences;
}

void Check(const LoadOptions& options) {
  CheckRange("threads", options.threads, 0, kMaxThreads);
  CheckRange("batch_size", options.batch_size, 1, kMaxBatchSize);
  if (options.precision > Precision::kInt8) {
    Refuse("precision", "kAuto, kF32, kBf16 or kInt8",
           static_cast<int>(options.precision));
  }
}

}  // namespace tessera::engine
