// Greedy search: the best token, again and again.
#ifndef TESSERA_ENGINE_SEARCH_GREEDY_SEARCH_H_
#define TESSERA_ENGINE_SEARCH_GREEDY_SEARCH_H_

#include "engine/search/search.h"

namespace tessera::engine {

// Takes the token of the highest edited logit (the lowest id of equal ones)
// until it is an EOS or the output has max_length tokens. Length penalty and
// early stopping play no part. The score is the sum of log-probabilities.
class GreedySearch final : public Search {
 public:
  GreedySearch(const SearchOptions& options, TokenRules rules);

  std::span<const SearchRow> rows() const override { return {&row_, 1}; }
  std::size_t candidates() const override { return 1; }
  void Edit(std::int32_t first_row, Edits& edits) const override;
  bool Advance(const models::Candidates& best) override;
  std::vector<Hypothesis> Finish() const override;

 private:
  TokenRules rules_;
  std::size_t max_length_;
  std::size_t length_;  // tokens so far, the prompt counted
  History history_;
  std::int32_t node_;   // the last token
  std::int32_t token_;  // the same, as the row's
  SearchRow row_;
  double score_ = 0;
};

}  // namespace tessera::engine

#endif  // TESSERA_ENGINE_SEARCH_GREEDY_SEARCH_H_
