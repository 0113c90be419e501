// Greedy search, and the choice between the searches.
#include "engine/search/search.h"

#include <tessera/error.h>

#include <cmath>
#include <utility>

#include "engine/search/beam_search.h"

namespace tessera::engine {
namespace {

// Takes the token of the highest edited logit (the lowest id of equal ones)
// until it is an EOS or the output has max_length tokens. Length penalty and
// early stopping play no part. The score is the sum of log-probabilities.
class GreedySearch final : public Search {
 public:
  GreedySearch(const SearchOptions& options, TokenRules rules)
      : rules_(std::move(rules)),
        max_length_(options.max_length),
        length_(rules_.prompt().size()),
        history_(rules_.prompt(), max_length_ - length_),
        node_(history_.root()),
        token_(rules_.prompt().back()),
        row_{.parent = -1, .tokens = rules_.prompt()} {}

  std::span<const SearchRow> rows() const override { return {&row_, 1}; }
  std::size_t candidates() const override { return 1; }
  void Edit(std::int32_t first_row, Edits& edits) const override {
    rules_.Edit(first_row, {length_, max_length_}, history_, node_, edits);
  }
  bool Advance(const models::Candidates& best) override {
    const float log_prob = best.log_probs[0][0];
    token_ = best.tokens[0][0];
    if (!std::isfinite(log_prob)) ThrowNoToken();
    node_ = history_.Append(node_, token_, log_prob);
    score_ += log_prob;
    row_ = {.parent = 0, .tokens = {&token_, 1}};
    ++length_;
    return !rules_.IsEos(token_) && length_ < max_length_;
  }
  void StableIds(std::vector<std::int32_t>& ids) const override {
    ids = history_.Output(node_, score_).ids;
  }
  std::vector<Hypothesis> Finish() const override {
    return {history_.Output(node_, score_)};
  }

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

}  // namespace

bool Renormalizes(const SearchOptions& options, const ModelRules& rules) {
  return options.beam_size == 1 || rules.renormalize();
}

std::unique_ptr<Search> MakeSearch(const SearchOptions& options,
                                   TokenRules rules) {
  if (options.beam_size == 1) {
    return std::make_unique<GreedySearch>(options, std::move(rules));
  }
  return std::make_unique<BeamSearch>(options, std::move(rules));
}

void ThrowNoToken() {
  throw Error("search: want a token with a finite log-probability, found none");
}

}  // namespace tessera::engine
