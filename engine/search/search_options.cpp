// Checks of options.
#include "engine/search/search_options.h"

#include <algorithm>
#include <string_view>

#include "engine/search/merged_options.h"
#include "engine/search/option_checks.h"
#include "models/files/message.h"

namespace tessera::engine {
namespace {

using models::Refuse;

// What max_length and max_new_tokens say; each is checked as it was given.
void SetLength(const TranslateOptions& options, const models::ModelInfo& model,
               SearchOptions& resolved) {
  const std::size_t positions = model.max_target_tokens;
  if (options.max_length && options.max_new_tokens) {
    Refuse("max_length, max_new_tokens", "one of them", "both");
  }
  if (options.max_new_tokens) {
    CheckSize("max_new_tokens", *options.max_new_tokens, 1, positions);
    resolved.max_new_tokens = options.max_new_tokens;
    resolved.max_length = *options.max_new_tokens + 1;
    return;
  }
  const models::GenerationConfig& defaults = model.generation;
  if (!options.max_length) resolved.max_new_tokens = defaults.max_new_tokens;
  resolved.max_length = options.max_length.value_or(defaults.max_length);
  CheckSize("max_length", resolved.max_length, 2, positions + 1);
}

std::optional<SamplingOptions> SamplingOf(
    const TranslateOptions& options, const models::GenerationConfig& merged) {
  if (!merged.do_sample) return std::nullopt;
  return SamplingOptions{.warpers = {.temperature = merged.temperature,
                                     .top_k = merged.top_k,
                                     .top_p = merged.top_p,
                                     .min_p = merged.min_p,
                                     .typical_p = merged.typical_p,
                                     .epsilon_cutoff = merged.epsilon_cutoff,
                                     .eta_cutoff = merged.eta_cutoff},
                         .key = DrawKey(options.seed)};
}

}  // namespace

SearchOptions Resolve(const TranslateOptions& options,
                      const models::ModelInfo& model) {
  const models::GenerationConfig merged = Merge(options, model);
  SearchOptions resolved = {.beam_size = merged.num_beams,
                            .n_best = merged.num_return_sequences,
                            .beam_groups = merged.num_beam_groups,
                            .diversity_penalty = merged.diversity_penalty,
                            .required_words = options.required_words,
                            .alternatives = options.alternatives,
                            .sampling = SamplingOf(options, merged),
                            .length_penalty = merged.length_penalty,
                            .coverage_penalty = options.coverage_penalty,
                            .length_penalty_form = merged.length_penalty_form,
                            .early_stopping = merged.early_stopping,
                            .prefix = options.target_prefix};
  SetLength(options, model, resolved);
  return resolved;
}

AlignmentChoice ResolveAlignment(const TranslateOptions& options,
                                 const models::ModelInfo& model) {
  const auto check = [](const char* option, const auto& value,
                        std::size_t count) {
    if (value && *value >= count) {
      Refuse(option, models::Cat("a number below ", count), *value);
    }
  };
  check("alignment_layer", options.alignment_layer, model.decoder_layers);
  check("alignment_head", options.alignment_head, model.decoder_heads);
  return {.layer = options.alignment_layer, .head = options.alignment_head};
}

void CheckTimeLimit(const TranslateOptions& options) {
  if (!options.time_limit || options.time_limit->count() > 0) return;
  Refuse("time_limit", "at least 1 ms", options.time_limit->count());
}

const char* OptionOfWholeText(const TranslateOptions& options) {
  if (!options.target_prefix.empty()) return "target_prefix";
  if (!options.required_words.empty()) return "required_words";
  if (options.alternatives) return "alternatives";
  return nullptr;
}

bool Splits(const TranslateOptions& options, const models::ModelInfo& model) {
  if (options.split && *options.split > TextSplit::kSentences) {
    Refuse("split", "kNone or kSentences", static_cast<int>(*options.split));
  }
  if (const char* const whole = OptionOfWholeText(options)) {
    if (options.split == TextSplit::kSentences) {
      Refuse(models::Cat("split, ", whole), "one of them", "both");
    }
    return false;
  }
  if (options.split) return *options.split == TextSplit::kSentences;
  return model.generation.split == models::TextSplit::kSentences;
}

void Check(const LoadOptions& options) {
  CheckSize("threads", options.threads, 0, kMaxThreads);
  CheckSize("batch_size", options.batch_size, 1, kMaxBatchSize);
  if (options.shortlist_best == 0) {
    Refuse("shortlist_best", "a number above 0", options.shortlist_best);
  }
  if (options.precision > Precision::kInt8) {
    Refuse("precision", "kAuto, kF32, kBf16 or kInt8",
           static_cast<int>(options.precision));
  }
}

}  // namespace tessera::engine
