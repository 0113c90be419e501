// Greedy search.
#include "engine/search/greedy_search.h"

#include <cmath>
#include <utility>

namespace tessera::engine {

GreedySearch::GreedySearch(const SearchOptions& options, TokenRules rules)
    : rules_(std::move(rules)),
      max_length_(options.max_length),
      length_(rules_.prompt().size()),
      history_(rules_.prompt(), max_length_ - length_),
      node_(history_.root()),
      token_(rules_.prompt().back()),
      row_{.parent = -1, .tokens = rules_.prompt()} {}

void GreedySearch::Edit(std::int32_t first_row, Edits& edits) const {
  rules_.Edit(first_row, {length_, max_length_}, history_, node_, edits);
}

bool GreedySearch::Advance(const models::Candidates& best) {
  const float log_prob = best.log_probs[0][0];
  token_ = best.tokens[0][0];
  if (!std::isfinite(log_prob)) ThrowNoToken();
  node_ = history_.Append(node_, token_, log_prob);
  score_ += log_prob;
  row_ = {.parent = 0, .tokens = {&token_, 1}};
  ++length_;
  return !rules_.IsEos(token_) && length_ < max_length_;
}

std::vector<Hypothesis> GreedySearch::Finish() const {
  return {history_.Output(node_, score_)};
}

}  // namespace tessera::engine
