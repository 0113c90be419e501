// Which tokens an output must not, or has to, continue with.
#ifndef TESSERA_ENGINE_SEARCH_TOKEN_RULES_H_
#define TESSERA_ENGINE_SEARCH_TOKEN_RULES_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "engine/search/history.h"
#include "models/config/generation_config.h"
#include "models/model.h"

namespace tessera::engine {

// Row numbers are those of the Project call the edits are made for.
struct Edits {
  std::vector<models::TokenOfRow> suppressed;
  std::vector<models::TokenOfRow> forced;
  std::vector<std::uint8_t> renormalized;  // [rows]: 1 where a row is

  void Clear() {
    suppressed.clear();
    forced.clear();
    renormalized.clear();
  }
  // Makes room, so that filling in a step's edits allocates nothing.
  void Reserve(std::size_t rows, std::size_t suppressed_a_row) {
    suppressed.reserve(rows * suppressed_a_row);
    forced.reserve(rows);
    renormalized.reserve(rows);
  }
};

// A place in a search where a token is to be chosen.
struct SearchPosition {
  std::size_t length;      // of the output so far, start token counted
  std::size_t max_length;  // of this search
};

// The rules of a model's generation_config.json, for all requests. Immutable:
// threads share it.
class ModelRules {
 public:
  // Throws Error if two options of `config` leave no token to choose, or if
  // several tokens are forced at the end (only one is supported).
  explicit ModelRules(const models::GenerationConfig& config);

  // Whether beam search normalises log-probabilities again after the edits.
  bool renormalize() const { return renormalize_; }

  // Impossible in every row of every step: bad words of one token and
  // suppress_tokens.
  std::span<const std::int32_t> suppressed_everywhere() const {
    return suppressed_everywhere_;
  }
  // Whether rules depend on the source.
  bool read_source() const { return encoder_no_repeat_ > 0; }

  // Most tokens that TokenRules::Edit suppresses in one row, of a source that
  // is no longer than its output.
  std::size_t max_suppressed_a_row() const;

 private:
  friend class TokenRules;

  std::int32_t start_token_;
  std::vector<std::int32_t> eos_;
  std::optional<std::int32_t> forced_bos_;
  std::optional<std::int32_t> forced_eos_;
  std::size_t min_length_;
  std::optional<std::size_t> min_new_tokens_;
  bool renormalize_;
  std::vector<std::int32_t> suppressed_everywhere_;
  std::vector<std::int32_t> begin_suppressed_;
  std::vector<std::vector<std::int32_t>> bad_words_;  // of two tokens or more
  std::size_t no_repeat_;
  std::size_t encoder_no_repeat_;
  std::size_t max_length_;
};

// What a request adds to the rules of its model.
struct RequestRules {
  // What the decoder reads before it chooses; empty: the model's start token.
  std::vector<std::int32_t> prompt = {};
  // The first token after the prompt; nothing: the model's forced_bos_token_id,
  // which holds only behind a prompt of one token, as in Hugging Face.
  std::optional<std::int32_t> forced_first = {};
  // Its tokens, where the model's rules read them.
  std::vector<std::int32_t> source = {};
};

// The logits processors of Hugging Face `generate` that make tokens impossible
// or inevitable, in their order of precedence: a forced token overrides all
// others. Lengths count the prompt. Of one search; `model` must outlive it.
class TokenRules {
 public:
  TokenRules(const ModelRules& model, RequestRules own = {});

  std::span<const std::int32_t> prompt() const { return prompt_; }
  bool IsEos(std::int32_t token) const;
  std::size_t eos_count() const { return model_.eos_.size(); }

  // Adds what holds for row `row`, which continues the output `node`:
  //   forced      the first after the prompt; forced_eos_token_id at length
  //               max_length - 1
  //   suppressed  EOS below min_length; begin_suppress_tokens behind the prompt
  //               and a forced first token; the last token of a bad word whose
  //               other tokens the output ends with, the prompt's among them;
  //               what would repeat a run of no_repeat_ngram_size tokens of the
  //               output, or one of encoder_no_repeat_ngram_size of the source
  void Edit(std::int32_t row, SearchPosition position, const History& history,
            std::int32_t node, Edits& edits) const;

 private:
  std::optional<std::int32_t> Forced(SearchPosition position) const;
  bool EndsLike(const std::vector<std::int32_t>& bad_word, std::size_t length,
                const History& history, std::int32_t node) const;

  void EditRepeats(std::int32_t row, std::size_t length, const History& history,
                   std::int32_t node, Edits& edits) const;
  void EditSource(std::int32_t row, std::size_t length, const History& history,
                  std::int32_t node, Edits& edits) const;

  const ModelRules& model_;
  std::vector<std::int32_t> source_;
  std::vector<std::int32_t> prompt_;
  std::optional<std::int32_t> forced_first_;
  std::size_t min_length_;
};

}  // namespace tessera::engine

#endif  // TESSERA_ENGINE_SEARCH_TOKEN_RULES_H_
