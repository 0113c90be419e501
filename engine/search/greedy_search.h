// The best token at every place, of one output or of several that begin apart.
#ifndef TESSERA_ENGINE_SEARCH_GREEDY_SEARCH_H_
#define TESSERA_ENGINE_SEARCH_GREEDY_SEARCH_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "engine/search/search.h"

namespace tessera::engine {

// Takes the token of the highest edited logit (the lowest id of equal ones)
// until it is an EOS or the output has max_length tokens. With alternatives the
// first token of output i is the i-th best, as far as tokens are possible, and
// each goes on by itself. Length penalty and early stopping play no part. The
// score is the sum of log-probabilities.
class GreedySearch final : public Search {
 public:
  GreedySearch(const SearchOptions& options, TokenRules rules);

  std::span<const SearchRow> rows() const override { return rows_; }
  std::size_t candidates() const override { return begun_ ? 1 : count_; }
  void Edit(std::int32_t first_row, Edits& edits) const override;
  EditCounts MaxEdits() const override {
    return Times(rules_.MaxEdits(max_length_), count_);
  }
  bool Advance(const models::Candidates& best) override;
  void StableIds(std::vector<std::int32_t>& ids) const override;
  std::vector<Hypothesis> Finish() const override;

 private:
  struct Output {
    std::int32_t node;   // the last token
    std::int32_t token;  // the same, as the row's
    std::size_t row = 0;
    double score = 0;
    bool runs = true;
  };

  void Begin(const models::Candidates& best);
  void Add(Output& output, std::int32_t token, float log_prob);

  TokenRules rules_;
  std::size_t max_length_;
  std::size_t count_;   // outputs wanted
  std::size_t length_;  // tokens so far, the prompt counted
  bool begun_ = false;
  History history_;
  std::vector<Output> outputs_;  // [count_] at most
  std::vector<SearchRow> rows_;  // of those that run; at first the prompt
};

}  // namespace tessera::engine

#endif  // TESSERA_ENGINE_SEARCH_GREEDY_SEARCH_H_
