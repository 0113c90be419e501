// A search for the best output of one sentence, as a state machine that is
// driven a step at a time:
//
//   until Advance says that it is finished:
//     run a decoding step for rows(), with the edits of Edit
//     Advance(the best candidates() continuations of each row)
//   Finish()
//
// It knows candidates and nothing of models, so that a caller may run many
// searches in one batch. No step allocates.
#ifndef TESSERA_ENGINE_SEARCH_SEARCH_H_
#define TESSERA_ENGINE_SEARCH_SEARCH_H_

#include <tessera/translation.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "engine/search/search_options.h"
#include "engine/search/token_rules.h"
#include "models/model.h"

namespace tessera::engine {

// One output in progress: it reads `tokens` after row `parent` of this search's
// previous step. -1: it is the first and reads the prompt.
struct SearchRow {
  std::int32_t parent;
  std::span<const std::int32_t> tokens;  // valid until Advance
  // f32 [S]: where the step puts what the tokens look at (models::StepRow), if
  // the search wants to know.
  float* attention = nullptr;
};

// Throws the Error of Advance and Finish.
[[noreturn]] void ThrowNoToken();

class Search {
 public:
  virtual ~Search() = default;

  // Told before the first step: how many tokens of the source its rows look at.
  virtual void SetSourceTokens(std::size_t) {}

  // Rows of the next step: one at first, then at most beam_size.
  virtual std::span<const SearchRow> rows() const = 0;

  // Best continuations that Advance wants of each row.
  virtual std::size_t candidates() const = 0;

  // Whether it reads all scores of its rows in place of the best candidates.
  virtual bool reads_scores() const { return false; }

  // Adds the edits of the next step; the first of rows() is row `first_row`.
  virtual void Edit(std::int32_t first_row, Edits& edits) const = 0;

  // Most edits that one step can have.
  virtual EditCounts MaxEdits() const = 0;

  // Takes the continuations of rows(), in their order: candidates() columns, or
  // as many as the vocabulary has. Returns whether the search goes on. Throws
  // Error for log-probabilities that are not numbers.
  virtual bool Advance(const models::Candidates& best) = 0;

  // The same of a search that reads scores: f32 [rows, V], as EditRows() leaves
  // them.
  virtual bool AdvanceByScores(kernels::Rows<const float>, Warpers&) {
    ThrowNoToken();
  }

  // Puts the tokens that its first output is sure to begin with into `ids`:
  // none of a search that does not know.
  virtual void StableIds(std::vector<std::int32_t>& ids) const { ids.clear(); }

  // The finished outputs with ids, log_probs and score, best first: one of a
  // greedy search, 1 to beam_size of a beam search. Throws Error if there is
  // none, all tokens having been suppressed.
  virtual std::vector<Hypothesis> Finish() const = 0;
};

// The edits of `rows` rows.
inline EditCounts Times(EditCounts row, std::size_t rows) {
  return {row.suppressed * rows, row.adjusted * rows};
}

// When the scores of its rows become log-probabilities: after the edits in
// greedy search, before in beam search, and after them again on demand.
models::Normalisation NormalisationOf(const SearchOptions& options,
                                      const ModelRules& rules);

// A greedy search, a beam search or sampling.
std::unique_ptr<Search> MakeSearch(const SearchOptions& options,
                                   TokenRules rules);
}  // namespace tessera::engine

#endif  // TESSERA_ENGINE_SEARCH_SEARCH_H_
