// Which tokens an output must not, or has to, continue with, and which are made
// more or less likely.
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

// How many edits a row can come to.
struct EditCounts {
  std::size_t suppressed = 0;
  std::size_t adjusted = 0;
};

// Row numbers are those of the Project call the edits are made for.
struct Edits {
  std::vector<models::TokenOfRow> suppressed;
  std::vector<models::AdjustedToken> adjusted;
  std::vector<models::TokenOfRow> forced;
  std::vector<std::uint8_t> normalised;  // [rows]: a models::Normalisation each
  std::vector<const models::OutputList*> lists;  // [rows]

  void Clear() {
    suppressed.clear();
    adjusted.clear();
    forced.clear();
    normalised.clear();
    lists.clear();
  }
  // Makes room, so that filling in a step's edits allocates nothing.
  void Reserve(EditCounts most, std::size_t rows) {
    suppressed.reserve(most.suppressed);
    adjusted.reserve(most.adjusted);
    forced.reserve(rows);
    normalised.reserve(rows);
    lists.reserve(rows);
  }
  models::LogitEdits view() const {
    return {.suppressed = suppressed,
            .adjusted = adjusted,
            .forced = forced,
            .normalised = normalised,
            .lists = lists};
  }
};

// A place in a search where a token is to be chosen.
struct SearchPosition {
  std::size_t length;      // of the output so far, start token counted
  std::size_t max_length;  // of this search
};

// The rules of a model's generation_config.json, with what a request has
// changed of them. Immutable: threads and requests share it.
class ModelRules {
 public:
  // Throws Error if two options of `config` leave no token to choose, or if
  // several tokens are forced at the end (only one is supported).
  explicit ModelRules(const models::GenerationConfig& config);

  // Whether beam search normalises log-probabilities again after the edits.
  bool renormalize() const { return renormalize_; }

  std::span<const std::int32_t> suppressed_everywhere() const {
    return suppressed_everywhere_;
  }

  // Whether rules depend on the source.
  bool read_source() const {
    return encoder_no_repeat_ > 0 || encoder_penalty_ != 1;
  }

 private:
  friend class TokenRules;

  std::int32_t start_token_;
  std::vector<std::int32_t> eos_;
  std::optional<std::int32_t> forced_bos_;
  std::optional<std::int32_t> forced_eos_;
  std::size_t min_length_;
  std::optional<std::size_t> min_new_tokens_;
  bool renormalize_;
  // Bad words of one token and suppress_tokens.
  std::vector<std::int32_t> suppressed_everywhere_;
  std::vector<std::int32_t> begin_suppressed_;
  std::vector<std::vector<std::int32_t>> bad_words_;  // of two tokens or more
  std::size_t no_repeat_;
  std::size_t encoder_no_repeat_;
  float penalty_;
  float encoder_penalty_;
  // Of one token each, and of two tokens or more.
  std::vector<models::SequenceBias> token_bias_;
  std::vector<models::SequenceBias> sequence_bias_;
  std::optional<models::LengthDecay> length_decay_;
};

// What a request adds to the rules of its model.
struct RequestRules {
  // What the decoder reads before it chooses; empty: the model's start token.
  std::vector<std::int32_t> prompt = {};
  // The first token after the prompt; nothing: the model's forced_bos_token_id,
  // which holds only behind a prompt of one token, as in Hugging Face.
  std::optional<std::int32_t> forced_first = {};
  // What every output begins with: it becomes the end of the prompt, and a
  // forced first token what stands before it there.
  std::vector<std::int32_t> prefix = {};
  // Its tokens, where the model's rules read them.
  std::vector<std::int32_t> source = {};
};

// The logits processors of Hugging Face `generate`: those that make tokens
// impossible or inevitable, in their order of precedence (a forced token
// overrides all others), and those that change scores, in their order. Lengths
// count the prompt. Of one search; `model` must outlive it.
class TokenRules {
 public:
  TokenRules(const ModelRules& model, RequestRules own = {});

  std::span<const std::int32_t> prompt() const { return prompt_; }
  bool IsEos(std::int32_t token) const;
  std::size_t eos_count() const { return model_.eos_.size(); }

  // Adds the tokens that an output may need whatever its source is: ends, those
  // that are forced, and those of sequence_bias.
  void AddReachable(std::vector<std::int32_t>& tokens) const;

  // Adds what holds for row `row`, which continues the output `node`:
  //   forced      the first after the prompt; forced_eos_token_id at length
  //               max_length - 1
  //   suppressed  suppress_tokens and bad words of one token; EOS below
  //               min_length; begin_suppress_tokens behind the prompt and a
  //               forced first token; the last token of a bad word whose other
  //               tokens the output ends with, the prompt's among them; what
  //               would repeat a run of no_repeat_ngram_size tokens of the
  //               output, or one of encoder_no_repeat_ngram_size of the source
  //   adjusted    tokens of sequence_bias; those of the source and of the
  //               output by their penalties; EOS by the length decay
  void Edit(std::int32_t row, SearchPosition position, const History& history,
            std::int32_t node, Edits& edits) const;

  // At most, in a row of a search of that length.
  EditCounts MaxEdits(std::size_t max_length) const;

 private:
  // What holds for a token wherever it stands in an output.
  struct Fixed {
    std::int32_t token;
    float addend;
    float penalty;
  };

  std::optional<std::int32_t> Forced(SearchPosition position) const;
  bool EndsLike(const std::vector<std::int32_t>& sequence, std::size_t length,
                const History& history, std::int32_t node) const;

  void EditRepeats(std::int32_t row, std::size_t length, const History& history,
                   std::int32_t node, Edits& edits) const;
  void EditSource(std::int32_t row, std::size_t length, const History& history,
                  std::int32_t node, Edits& edits) const;
  void EditScores(std::int32_t row, std::size_t length, const History& history,
                  std::int32_t node, Edits& edits) const;
  void MakeFixed();

  const ModelRules& model_;
  std::vector<std::int32_t> source_;
  std::vector<std::int32_t> prompt_;
  std::optional<std::int32_t> forced_first_;
  std::size_t min_length_;
  std::vector<Fixed> fixed_;  // by token
};

}  // namespace tessera::engine

#endif  // TESSERA_ENGINE_SEARCH_TOKEN_RULES_H_
