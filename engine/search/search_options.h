// What one search is asked to do, every default resolved.
#ifndef TESSERA_ENGINE_SEARCH_SEARCH_OPTIONS_H_
#define TESSERA_ENGINE_SEARCH_SEARCH_OPTIONS_H_

#include <cstddef>
#include <optional>

#include "models/config/generation_config.h"

namespace tessera::engine {

struct SearchOptions {
  std::size_t beam_size = 1;  // 1: greedy search
  double length_penalty = 1;
  models::LengthPenaltyForm length_penalty_form =
      models::LengthPenaltyForm::kPower;
  models::EarlyStopping early_stopping = models::EarlyStopping::kHeuristic;
  // Longest output, the decoder's prompt counted; above that of the prompt.
  std::size_t max_length = 2;
  // Longest output without the prompt. Where it is set, max_length follows from
  // it as soon as the prompt is known.
  std::optional<std::size_t> max_new_tokens = {};
};

}  // namespace tessera::engine

#endif  // TESSERA_ENGINE_SEARCH_SEARCH_OPTIONS_H_
