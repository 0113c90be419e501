// Greedy search.
#include "engine/search/greedy_search.h"

#include <cmath>

namespace tessera::engine {

GreedySearch::GreedySearch(const SearchOptions& options,
                           const TokenRules& rules)
    : rules_(rules),
      max_length_(options.max_length),
      history_(rules.start_token(), options.max_length - 1),
      row_{.parent = -1, .token = rules.start_token()} {}

void GreedySearch::Edit(std::int32_t first_row, Edits& edits) const {
  rules_.Edit(first_row, {length_, max_length_}, history_, node_, edits);
}

bool GreedySearch::Advance(const models::Candidates& best) {
  const float log_prob = best.log_probs[0][0];
  const std::int32_t token = best.tokens[0][0];
  if (!std::isfinite(log_prob)) ThrowNoToken();
  node_ = history_.Append(node_, token, log_prob);
  score_ += log_prob;
  row_ = {.parent = 0, .token = token};
  ++length_;
  return !rules_.IsEos(token) && length_ < max_length_;
}

std::vector<Hypothesis> GreedySearch::Finish() const {
  return {history_.Output(node_, score_)};
}

}  // namespace tessera::engine
