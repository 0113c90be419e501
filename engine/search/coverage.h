// How much of its source a beam has looked at, and what is taken off its score
// for the rest.
#ifndef TESSERA_ENGINE_SEARCH_COVERAGE_H_
#define TESSERA_ENGINE_SEARCH_COVERAGE_H_

#include <cstddef>
#include <span>
#include <vector>

#include "engine/search/search.h"

namespace tessera::engine {

// Of the rows of a search, by what each of their steps reports:
//
//   c[row][i]   the attention that source token i has got from all tokens that
//               the row has read, its prompt included
//   penalty     weight * sum_{i: c > 0} log(min(1, c[row][i])), at most 0
//
// A token that got none at all is hidden from the decoder: softmax leaves
// others more. CTranslate2 leaves it out, too. A weight of 0 is no coverage:
// nothing is kept, Place gives nullptr, Penalty 0.
// Source: Wu et al. 2016, arXiv:1609.08144, equation 14.
class Coverage {
 public:
  Coverage(double weight, std::size_t beams) : weight_(weight), beams_(beams) {}

  // Makes room, before the first step; nothing allocates after that.
  void SetSourceTokens(std::size_t tokens);

  // Where a row of the next step is to put its attention.
  float* Place(std::size_t row);

  // Adds what the rows of a step have put there to what their parents had.
  void Add(std::span<const SearchRow> rows);

  // Of an output that ends behind that row of the last step.
  float Penalty(std::size_t row) const;

 private:
  double weight_;
  std::size_t beams_;                 // B
  std::size_t tokens_ = 0;            // S
  std::vector<float> reported_;       // f32 [B, S] of a step
  std::vector<float> sums_, before_;  // f32 [B, S]: c, and of the step before
};

}  // namespace tessera::engine

#endif  // TESSERA_ENGINE_SEARCH_COVERAGE_H_
