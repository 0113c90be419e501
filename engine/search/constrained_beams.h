// Beam search for outputs that have certain words.
#ifndef TESSERA_ENGINE_SEARCH_CONSTRAINED_BEAMS_H_
#define TESSERA_ENGINE_SEARCH_CONSTRAINED_BEAMS_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "engine/search/beam_search.h"
#include "engine/search/coverage.h"
#include "engine/search/search.h"

namespace tessera::engine {

// A beam search each of whose outputs has every one of the required words, runs
// of tokens, somewhere. A beam's bank is how many tokens of them it has. In a
// step the continuations of all beams are, besides the B best of each, the
// tokens that begin or go on with a word; an EOS is one only where all words
// are there. The next beams are the best of each bank, an equal share of B from
// each, and the best of the rest where a bank has less.
//
// It ends when there are B outputs and the best beam cannot beat the worst of
// them at its present length, or at max_length. Scores as in BeamSearch.
// Source: Post & Vilar 2018, arXiv:1804.06609 (dynamic beam allocation).
class ConstrainedBeams final : public Search {
 public:
  ConstrainedBeams(const SearchOptions& options, TokenRules rules);

  void SetSourceTokens(std::size_t tokens) override;
  std::span<const SearchRow> rows() const override { return rows_; }
  std::size_t candidates() const override { return 0; }
  bool reads_scores() const override { return true; }
  void Edit(std::int32_t first_row, Edits& edits) const override;
  EditCounts MaxEdits() const override {
    return Times(rules_.MaxEdits(options_.max_length), options_.beam_size);
  }
  bool Advance(const models::Candidates& best) override;
  bool AdvanceByScores(kernels::Rows<const float> scores,
                       Warpers& warpers) override;
  // Throws Error if no output has all words within max_length.
  std::vector<Hypothesis> Finish() const override;

 private:
  // Tokens that an output has of each word; of one that is not there yet, those
  // that the output ends with.
  using Progress = std::array<std::uint8_t, kMaxRequiredWords>;
  struct Beam {
    float sum;
    std::int32_t node;  // last token in history_
    Progress progress;
  };
  struct Continuation {
    float sum;
    std::size_t beam;
    std::int32_t token;
    float log_prob;
    Progress progress;
    std::size_t bank;
    bool taken = false;
  };
  struct Finished {
    float score;
    std::int32_t parent;  // node before the last token
    std::int32_t token;
    float log_prob;
  };
  struct HigherScore {
    bool operator()(const Finished& a, const Finished& b) const {
      return a.score > b.score;
    }
  };
  struct Token {
    float log_prob;
    std::int32_t id;
  };
  struct HigherToken {
    bool operator()(const Token& a, const Token& b) const {
      return a.log_prob != b.log_prob ? a.log_prob > b.log_prob : a.id < b.id;
    }
  };

  Progress After(Progress progress, std::int32_t token) const;
  std::size_t BankOf(const Progress& progress) const;
  void CollectOf(std::size_t beam, std::span<const float> scores);
  void Offer(std::size_t beam, Token token);
  void CollectFinished();
  void Allocate();
  void TakeBest(std::size_t bank, std::size_t count);
  void Take(Continuation& next);
  bool GoesOn() const;

  SearchOptions options_;
  TokenRules rules_;
  std::size_t all_;     // the last bank: tokens of all words
  std::size_t length_;  // tokens so far, the prompt counted
  History history_;
  Coverage coverage_;
  std::vector<SearchRow> rows_;       // [1], then [B] at most
  std::vector<std::int32_t> tokens_;  // what they read
  std::vector<Beam> beams_;           // [B] at most
  std::vector<Beam> next_;            // [B] at most
  std::vector<Continuation> continuations_;
  TopList<Token, HigherToken> best_;  // of one beam
  TopList<Finished, HigherScore> finished_;
};

}  // namespace tessera::engine

#endif  // TESSERA_ENGINE_SEARCH_CONSTRAINED_BEAMS_H_
