// Beam search with the semantics of Hugging Face `generate` (4.54 and later),
// as it treats a batch of one sentence, and that of JayParks/transformer.
#ifndef TESSERA_ENGINE_SEARCH_BEAM_SEARCH_H_
#define TESSERA_ENGINE_SEARCH_BEAM_SEARCH_H_

#include <algorithm>
#include <cstddef>
#include <span>
#include <vector>

#include "engine/search/coverage.h"
#include "engine/search/search.h"

namespace tessera::engine {

// Holds up to `capacity` items, best first; equal ones in the order they came.
// Better(a, b) says whether a goes before b. Allocates only when made.
template <class T, class Better>
class TopList {
 public:
  explicit TopList(std::size_t capacity) : capacity_(capacity) {
    items_.reserve(capacity);
  }

  void Add(const T& item) {
    if (full()) {
      if (!Better()(item, items_.back())) return;
      items_.pop_back();
    }
    const auto place =
        std::upper_bound(items_.begin(), items_.end(), item, Better());
    items_.insert(place, item);
  }

  void Clear() { items_.clear(); }
  bool full() const { return items_.size() == capacity_; }
  bool empty() const { return items_.empty(); }
  std::size_t size() const { return items_.size(); }
  const T& operator[](std::size_t i) const { return items_[i]; }
  const T& back() const { return items_.back(); }
  std::span<const T> items() const { return items_; }

 private:
  std::size_t capacity_;
  std::vector<T> items_;
};

// What the score of an output of that many tokens, the prompt not counted, is
// divided by.
float LengthNormalizer(const SearchOptions& options, std::size_t tokens);

// With B beams and n EOS tokens, a step at output length L:
//
//   continuations  the K = (1 + max(1, n)) B best of all beams, by the sum of
//                  log-probabilities in float32, in the order of that sum.
//                  Each stops if it is an EOS or reaches max_length.
//   running        the B best that do not stop; those that stop are next in
//                  line, 1e9 below, where there are fewer
//   finished       the B best of those finished so far and those that stop now
//                  among the first B continuations, by sum / normaliser
//   normaliser     of n tokens without the prompt, p the length penalty:
//                  n^p, or with length_penalty_form kGnmt ((5 + n) / 6)^p
//   coverage       with a coverage penalty the score of a finished one has
//                  Coverage::Penalty of its row added, which is at most 0
//
// It ends when there are B finished ones and the best running beam cannot beat
// the worst of them, all of its source covered (early_stopping kHeuristic: at
// its present length; kNever: at max_length if the length penalty is positive;
// kFirst: without asking), or when all continuations stop.
//
// All beams are equal before the first step, which therefore runs one row:
// beams 2 to B start with the sum -1e9, in whose precision log-probabilities
// vanish, and count only where beam 1 has too few continuations. Outputs that
// come of beam 1 go before theirs even if a length penalty takes their scores
// below -1e9, where Hugging Face takes an empty output for the better one.
//
// Equal sums: the lower beam, then the lower token id.
//
// With early_stopping kTopBeam no output is set aside. Running beams are the B
// best continuations, whether they end with EOS or not; one with an EOS that is
// not the best grows on behind it. It ends when the best beam's last token is
// an EOS, or at max_length. The outputs are the beams as they stand, best
// first: ids and log_probs up to the first EOS, of which several may then be
// alike; the score is of the whole beam, tokens after that EOS included.
// Source: JayParks/transformer, transformer/beam.py.
//
// With sampling, as in Hugging Face: log-probabilities are what the warpers
// make of them, and the continuations are K draws without replacement, by the
// softmax of their sums, in the order in which they are drawn.
class BeamSearch final : public Search {
 public:
  BeamSearch(const SearchOptions& options, TokenRules rules);

  void SetSourceTokens(std::size_t tokens) override;
  std::span<const SearchRow> rows() const override { return rows_; }
  std::size_t candidates() const override { return continuation_count_; }
  void Edit(std::int32_t first_row, Edits& edits) const override;
  EditCounts MaxEdits() const override {
    return Times(rules_.MaxEdits(options_.max_length), options_.beam_size);
  }
  bool reads_scores() const override { return options_.sampling.has_value(); }
  bool Advance(const models::Candidates& best) override;
  bool AdvanceByScores(kernels::Rows<const float> scores,
                       Warpers& warpers) override;
  void StableIds(std::vector<std::int32_t>& ids) const override;
  std::vector<Hypothesis> Finish() const override;

 private:
  struct Beam {
    float sum;          // of log-probabilities
    std::int32_t node;  // last token in history_
  };
  struct Continuation {
    float sum;
    float rank;  // the sum; of sampling, with the noise that makes it a draw
    std::int32_t beam;
    std::int32_t parent;  // node of that beam
    std::int32_t token;
    float log_prob;
    bool stops;
  };
  struct Finished {
    float score;
    std::int32_t parent;  // node before the last token
    std::int32_t token;
    float log_prob;
    bool real;  // false: it came from one of the -1e9 beams
  };
  struct Better {
    bool operator()(const Continuation& a, const Continuation& b) const;
  };
  struct HigherSum {
    bool operator()(const Continuation& a, const Continuation& b) const {
      return a.sum > b.sum;
    }
  };
  struct HigherScore {
    bool operator()(const Finished& a, const Finished& b) const {
      if (a.real != b.real) return a.real;
      return a.score > b.score;
    }
  };

  bool ends_with_top_beam() const {
    return options_.early_stopping == models::EarlyStopping::kTopBeam;
  }
  void Rank(const models::Candidates& best);
  void Rank(kernels::Rows<const float> scores, Warpers& warpers);
  bool Conclude();
  void CollectFinished();
  void ContinueRunning();
  bool GoesOn() const;
  bool TopBeamGoesOn() const;
  bool CanImprove() const;
  std::size_t Written(std::size_t length) const;
  float Normalizer(std::size_t tokens) const {
    return LengthNormalizer(options_, tokens);
  }
  std::vector<Hypothesis> FinishedOutputs() const;
  std::vector<Hypothesis> BeamsAsTheyStand() const;

  SearchOptions options_;
  TokenRules rules_;
  std::size_t continuation_count_;  // K
  std::size_t length_;              // tokens so far, the prompt counted
  History history_;
  Coverage coverage_;
  std::vector<SearchRow> rows_;  // [1], then [B]
  std::vector<std::int32_t>
      tokens_;               // [B]: what the rows read after the prompt
  std::vector<Beam> beams_;  // [B]
  TopList<Continuation, Better> continuations_;
  TopList<Continuation, HigherSum> running_;
  TopList<Finished, HigherScore> finished_;
};

}  // namespace tessera::engine

#endif  // TESSERA_ENGINE_SEARCH_BEAM_SEARCH_H_
