// Groups of beams that keep away from each other's tokens.
#ifndef TESSERA_ENGINE_SEARCH_DIVERSE_BEAMS_H_
#define TESSERA_ENGINE_SEARCH_DIVERSE_BEAMS_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "engine/search/beam_search.h"
#include "engine/search/search.h"

namespace tessera::engine {

// beam_groups beam searches side by side, of beam_size / beam_groups beams
// each. In a step they choose one after the other; in each row of a group a
// token loses diversity_penalty for every beam of the groups before that has
// just taken it. Log-probabilities of outputs have lost that, too. The outputs
// of all groups, best first; groups may give the same one.
// Source: Vijayakumar et al. 2016, arXiv:1610.02424; Hugging Face's group beam
// search, but that the penalty comes after all edits.
class DiverseBeams final : public Search {
 public:
  DiverseBeams(const SearchOptions& options, const TokenRules& rules);

  void SetSourceTokens(std::size_t tokens) override;
  std::span<const SearchRow> rows() const override { return rows_; }
  // A group's own, and as many as can fall behind them.
  std::size_t candidates() const override { return candidates_; }
  void Edit(std::int32_t first_row, Edits& edits) const override;
  EditCounts MaxEdits() const override;
  bool Advance(const models::Candidates& best) override;
  std::vector<Hypothesis> Finish() const override;

 private:
  struct Group {
    std::unique_ptr<BeamSearch> search;
    std::size_t first_row = 0;
    bool runs = true;
  };
  struct Candidate {
    float log_prob;
    std::int32_t token;
  };

  models::Candidates Penalised(const models::Candidates& best,
                               const Group& group);
  void GatherRows();

  SearchOptions options_;
  std::size_t candidates_;
  std::vector<Group> groups_;
  std::vector<SearchRow> rows_;       // [beam_size] at most
  std::vector<std::int32_t> chosen_;  // tokens that groups took in this step
  std::vector<Candidate> sorted_;     // of one row
  std::vector<float> log_probs_;      // f32 [rows of a group, candidates]
  std::vector<std::int32_t> tokens_;  // i32 [rows of a group, candidates]
};

}  // namespace tessera::engine

#endif  // TESSERA_ENGINE_SEARCH_DIVERSE_BEAMS_H_
