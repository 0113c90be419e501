// Which tokens an output must not, or has to, continue with.
#ifndef TESSERA_ENGINE_SEARCH_TOKEN_RULES_H_
#define TESSERA_ENGINE_SEARCH_TOKEN_RULES_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "engine/search/edits.h"
#include "engine/search/history.h"
#include "models/config/generation_config.h"

namespace tessera::engine {

// A place in a search where a token is to be chosen.
struct SearchPosition {
  std::size_t length;      // of the output so far, start token counted
  std::size_t max_length;  // of this search
};

// The logits processors of Hugging Face `generate` that make tokens impossible
// or inevitable, in their order of precedence: a forced token overrides all
// others. Lengths count the start token. Immutable: threads share it.
class TokenRules {
 public:
  // Throws Error if two options of `config` leave no token to choose, or if
  // several tokens are forced at the end (only one is supported).
  explicit TokenRules(const models::GenerationConfig& config);

  std::int32_t start_token() const { return start_token_; }
  bool IsEos(std::int32_t token) const;
  std::size_t eos_count() const { return eos_.size(); }

  // Whether beam search normalises log-probabilities again after the edits.
  bool renormalize() const { return renormalize_; }

  // Impossible in every row of every step: bad words of one token and
  // suppress_tokens.
  std::span<const std::int32_t> suppressed_everywhere() const {
    return suppressed_everywhere_;
  }
  // Most tokens that Edit suppresses in one row.
  std::size_t max_suppressed_a_row() const;

  // Adds what holds for row `row`, which continues the output `node`:
  //   forced      forced_bos_token_id at length 1, forced_eos_token_id at
  //               length max_length - 1
  //   suppressed  EOS below min_length; begin_suppress_tokens at length 1 (2
  //               after a forced BOS); the last token of a bad word whose
  //               other tokens the output ends with
  void Edit(std::int32_t row, SearchPosition position, const History& history,
            std::int32_t node, Edits& edits) const;

 private:
  std::optional<std::int32_t> Forced(SearchPosition position) const;
  bool EndsLike(const std::vector<std::int32_t>& bad_word, std::size_t length,
                const History& history, std::int32_t node) const;

  std::int32_t start_token_;
  std::vector<std::int32_t> eos_;
  std::optional<std::int32_t> forced_bos_;
  std::optional<std::int32_t> forced_eos_;
  std::size_t min_length_;
  bool renormalize_;
  std::vector<std::int32_t> suppressed_everywhere_;
  std::vector<std::int32_t> begin_suppressed_;
  std::vector<std::vector<std::int32_t>> bad_words_;  // of two tokens or more
};

}  // namespace tessera::engine

#endif  // TESSERA_ENGINE_SEARCH_TOKEN_RULES_H_
