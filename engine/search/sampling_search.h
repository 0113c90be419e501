// Random outputs, each token drawn by its probability.
#ifndef TESSERA_ENGINE_SEARCH_SAMPLING_SEARCH_H_
#define TESSERA_ENGINE_SEARCH_SAMPLING_SEARCH_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "engine/search/search.h"

namespace tessera::engine {

// n_best outputs side by side, which know nothing of each other. Each token is
// drawn from what the warpers keep of its distribution, until it is an EOS or
// the output has max_length tokens. log_probs and score are those of the
// distribution before the warpers. In the order of their numbers: the best is
// not the first.
class SamplingSearch final : public Search {
 public:
  SamplingSearch(const SearchOptions& options, TokenRules rules);

  std::span<const SearchRow> rows() const override { return rows_; }
  std::size_t candidates() const override { return 0; }
  bool reads_scores() const override { return true; }
  void Edit(std::int32_t first_row, Edits& edits) const override;
  EditCounts MaxEdits() const override {
    return Times(rules_.MaxEdits(options_.max_length), samples_.size());
  }
  bool Advance(const models::Candidates& best) override;
  bool AdvanceByScores(kernels::Rows<const float> scores,
                       Warpers& warpers) override;
  void StableIds(std::vector<std::int32_t>& ids) const override;
  std::vector<Hypothesis> Finish() const override;

 private:
  struct Sample {
    std::int32_t node;  // last token in history_
    std::int32_t token;
    std::size_t row = 0;
    double score = 0;
    bool runs = true;
  };

  void DrawToken(std::size_t number, std::span<const float> scores,
                 Warpers& warpers);

  SearchOptions options_;
  TokenRules rules_;
  std::size_t length_;  // tokens so far, the prompt counted
  History history_;
  std::vector<Sample> samples_;  // [n_best]
  std::vector<SearchRow> rows_;  // [1], then of the samples that run
};

}  // namespace tessera::engine

#endif  // TESSERA_ENGINE_SEARCH_SAMPLING_SEARCH_H_
