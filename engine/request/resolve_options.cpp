// Checks of options.
#include "engine/request/resolve_options.h"

#include <tessera/error.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <string_view>

namespace tessera::engine {
namespace {

[[noreturn]] void Fail(std::string_view option, const std::string& want,
                       const std::string& found) {
  throw Error(std::string(option) + ": want " + want + ", found " + found);
}

void CheckRange(std::string_view option, std::size_t value, std::size_t min,
                std::size_t max) {
  if (value >= min && value <= max) return;
  Fail(option, std::to_string(min) + " to " + std::to_string(max),
       std::to_string(value));
}

}  // namespace

SearchOptions Resolve(const TranslateOptions& options,
                      const models::ModelInfo& model) {
  const models::GenerationConfig& defaults = model.generation;
  const SearchOptions resolved = {
      .beam_size = options.beam_size.value_or(defaults.num_beams),
      .length_penalty =
          options.length_penalty.value_or(defaults.length_penalty),
      .length_penalty_form = defaults.length_penalty_form,
      .early_stopping = defaults.early_stopping,
      .max_length = options.max_length.value_or(defaults.max_length)};
  CheckRange("beam_size", resolved.beam_size, 1, kMaxBeamSize);
  CheckRange("max_length", resolved.max_length, 2, model.max_target_tokens + 1);
  if (!(std::abs(resolved.length_penalty) <= kMaxLengthPenalty)) {
    Fail("length_penalty", "a number from -10 to 10",
         std::to_string(resolved.length_penalty));
  }
  return resolved;
}

void Check(const LoadOptions& options) {
  CheckRange("threads", options.threads, 0, kMaxThreads);
  CheckRange("batch_size", options.batch_size, 1, kMaxBatchSize);
  if (options.precision != "f32") {
    Fail("precision", "f32", "\"" + options.precision + "\"");
  }
}

Room BatchCapacity(std::size_t batch_size, const SearchOptions& defaults) {
  const std::size_t beams = std::max<std::size_t>(4, defaults.beam_size);
  return {.sentences = batch_size,
          .rows = std::max(batch_size * beams, kMaxBeamSize)};
}

}  // namespace tessera::engine
