// Candidates written down by hand, for tests of a search without a model.
#ifndef TESSERA_TESTS_ENGINE_SEARCH_FEED_H_
#define TESSERA_TESTS_ENGINE_SEARCH_FEED_H_

#include <cstdint>
#include <utility>
#include <vector>

#include "engine/search/search.h"
#include "models/model.h"

namespace tessera::engine {

// The continuations of one row: token and log-probability, best first.
using FedRow = std::vector<std::pair<std::int32_t, float>>;

// Advances a search; all rows have the same number of candidates.
inline bool Feed(Search& search, const std::vector<FedRow>& rows) {
  std::vector<float> log_probs;
  std::vector<std::int32_t> tokens;
  for (const FedRow& row : rows) {
    for (const auto& [token, log_prob] : row) {
      tokens.push_back(token);
      log_probs.push_back(log_prob);
    }
  }
  const std::size_t columns = rows.front().size();
  return search.Advance(
      {kernels::Dense<const float>(log_probs.data(), rows.size(), columns),
       kernels::Dense<const std::int32_t>(tokens.data(), rows.size(),
                                          columns)});
}

// EOS is 0, the start token 9.
inline models::GenerationConfig FedConfig() {
  models::GenerationConfig config;
  config.eos_token_ids = {0};
  config.decoder_start_token_id = 9;
  return config;
}

}  // namespace tessera::engine

#endif  // TESSERA_TESTS_ENGINE_SEARCH_FEED_H_
