// Logits processors of Hugging Face as sparse edits of rows.
#include "engine/search/token_rules.h"

#include <algorithm>
#include <string>
#include <utility>

#include "models/files/message.h"

namespace tessera::engine {
namespace {

bool Contains(std::span<const std::int32_t> tokens, std::int32_t token) {
  return std::ranges::find(tokens, token) != tokens.end();
}

// Hugging Face applies suppress_tokens after the forced tokens; a token in both
// would leave nothing to choose.
void CheckNotSuppressed(const char* option, std::optional<std::int32_t> token,
                        const models::GenerationConfig& config) {
  if (!token || !Contains(config.suppress_tokens, *token)) return;
  models::Refuse(models::Cat("generation_config.json: ", option),
                 "a token that suppress_tokens allows", *token);
}

std::optional<std::int32_t> ForcedEos(const models::GenerationConfig& config) {
  const std::vector<std::int32_t>& forced = config.forced_eos_token_ids;
  if (forced.size() > 1) {
    models::Refuse("generation_config.json: forced_eos_token_id", "one token",
                   forced.size());
  }
  return forced.empty() ? std::nullopt : std::optional(forced.front());
}

}  // namespace

ModelRules::ModelRules(const models::GenerationConfig& config)
    : start_token_(config.decoder_start_token_id),
      eos_(config.eos_token_ids),
      forced_bos_(config.forced_bos_token_id),
      forced_eos_(ForcedEos(config)),
      min_length_(config.min_length),
      min_new_tokens_(config.min_new_tokens),
      renormalize_(config.renormalize_logits),
      suppressed_everywhere_(config.suppress_tokens),
      begin_suppressed_(config.begin_suppress_tokens),
      no_repeat_(config.no_repeat_ngram_size),
      encoder_no_repeat_(config.encoder_no_repeat_ngram_size),
      max_length_(config.max_length) {
  CheckNotSuppressed("forced_bos_token_id", forced_bos_, config);
  CheckNotSuppressed("forced_eos_token_id", forced_eos_, config);
  for (const std::vector<std::int32_t>& bad_word : config.bad_words_ids) {
    if (bad_word.size() == 1) suppressed_everywhere_.push_back(bad_word[0]);
    if (bad_word.size() > 1) bad_words_.push_back(bad_word);
  }
}

std::size_t ModelRules::max_suppressed_a_row() const {
  const std::size_t repeats = no_repeat_ > 0 ? max_length_ : 0;
  const std::size_t of_source = encoder_no_repeat_ > 0 ? max_length_ : 0;
  return eos_.size() + begin_suppressed_.size() + bad_words_.size() + repeats +
         of_source;
}

TokenRules::TokenRules(const ModelRules& model, RequestRules own)
    : model_(model),
      source_(std::move(own.source)),
      prompt_(std::move(own.prompt)),
      forced_first_(own.forced_first),
      min_length_(model.min_length_) {
  if (prompt_.empty()) prompt_ = {model.start_token_};
  if (prompt_.size() == 1 && !forced_first_) forced_first_ = model.forced_bos_;
  if (model.min_new_tokens_) {
    min_length_ = prompt_.size() + *model.min_new_tokens_;
  }
}

bool TokenRules::IsEos(std::int32_t token) const {
  return Contains(model_.eos_, token);
}

std::optional<std::int32_t> TokenRules::Forced(SearchPosition position) const {
  if (model_.forced_eos_ && position.length + 1 == position.max_length) {
    return model_.forced_eos_;
  }
  return position.length == prompt_.size() ? forced_first_ : std::nullopt;
}

bool TokenRules::EndsLike(const std::vector<std::int32_t>& bad_word,
                          std::size_t length, const History& history,
                          std::int32_t node) const {
  // Hugging Face asks for an output as long as the whole bad word, though all
  // but its last token would do.
  if (bad_word.size() > length) return false;
  const std::size_t prefix = bad_word.size() - 1;
  for (std::size_t i = 0; i < prefix; ++i) {
    if (history.TokenBefore(node, i) != bad_word[prefix - 1 - i]) return false;
  }
  return true;
}

void TokenRules::EditRepeats(std::int32_t row, std::size_t length,
                             const History& history, std::int32_t node,
                             Edits& edits) const {
  const std::size_t size = model_.no_repeat_;
  if (size == 0 || length + 1 < size) return;
  // The run that ends with the token of `end` begins as the next one would.
  std::int32_t end = node;
  for (std::size_t left = length; left >= size; --left) {
    const std::int32_t before = history.Parent(end);
    if (history.EndAlike(node, before, size - 1)) {
      edits.suppressed.push_back({row, history.TokenBefore(end, 0)});
    }
    end = before;
  }
}

void TokenRules::EditSource(std::int32_t row, std::size_t length,
                            const History& history, std::int32_t node,
                            Edits& edits) const {
  const std::size_t size = model_.encoder_no_repeat_;
  if (size == 0 || length + 1 < size) return;
  for (std::size_t end = size; end <= source_.size(); ++end) {
    const std::int32_t last = source_[end - 1];
    std::size_t same = 0;
    while (same < size - 1 &&
           history.TokenBefore(node, same) == source_[end - 2 - same]) {
      ++same;
    }
    if (same == size - 1) edits.suppressed.push_back({row, last});
  }
}

void TokenRules::Edit(std::int32_t row, SearchPosition position,
                      const History& history, std::int32_t node,
                      Edits& edits) const {
  if (const auto forced = Forced(position)) {
    edits.forced.push_back({row, *forced});
    return;
  }
  if (position.length < min_length_) {
    for (std::int32_t token : model_.eos_) {
      edits.suppressed.push_back({row, token});
    }
  }
  const std::size_t begin = prompt_.size() + (forced_first_ ? 1 : 0);
  if (position.length == begin) {
    for (std::int32_t token : model_.begin_suppressed_) {
      edits.suppressed.push_back({row, token});
    }
  }
  EditRepeats(row, position.length, history, node, edits);
  EditSource(row, position.length, history, node, edits);
  for (const std::vector<std::int32_t>& bad_word : model_.bad_words_) {
    if (EndsLike(bad_word, position.length, history, node)) {
      edits.suppressed.push_back({row, bad_word.back()});
    }
  }
}

}  // namespace tessera::engine
