// Logits processors of Hugging Face as sparse edits of rows.
#include "engine/search/token_rules.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include "models/files/message.h"

namespace tessera::engine {
namespace {

// Of the score of EOS: enough to be the best, and far from the end of float32.
constexpr double kMaxGrowth = 1e6;

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
      penalty_(static_cast<float>(config.repetition_penalty)),
      // Of the source's tokens it is the inverse that is applied.
      encoder_penalty_(
          static_cast<float>(1 / config.encoder_repetition_penalty)),
      length_decay_(config.length_decay) {
  CheckNotSuppressed("forced_bos_token_id", forced_bos_, config);
  CheckNotSuppressed("forced_eos_token_id", forced_eos_, config);
  for (const std::vector<std::int32_t>& bad_word : config.bad_words_ids) {
    if (bad_word.size() == 1) suppressed_everywhere_.push_back(bad_word[0]);
    if (bad_word.size() > 1) bad_words_.push_back(bad_word);
  }
  for (const models::SequenceBias& sequence : config.sequence_bias) {
    (sequence.tokens.size() == 1 ? token_bias_ : sequence_bias_)
        .push_back(sequence);
  }
}

TokenRules::TokenRules(const ModelRules& model, RequestRules own)
    : model_(model),
      source_(std::move(own.source)),
      prompt_(std::move(own.prompt)),
      forced_first_(own.forced_first),
      min_length_(model.min_length_) {
  if (prompt_.empty()) prompt_ = {model.start_token_};
  if (prompt_.size() == 1 && !forced_first_) forced_first_ = model.forced_bos_;
  if (!own.prefix.empty()) {
    if (forced_first_) prompt_.push_back(*forced_first_);
    forced_first_ = std::nullopt;
    prompt_.insert(prompt_.end(), own.prefix.begin(), own.prefix.end());
  }
  if (model.min_new_tokens_) {
    min_length_ = prompt_.size() + *model.min_new_tokens_;
  }
  MakeFixed();
}

EditCounts TokenRules::MaxEdits(std::size_t max_length) const {
  EditCounts counts;
  counts.suppressed = model_.suppressed_everywhere_.size() +
                      model_.eos_.size() + model_.begin_suppressed_.size() +
                      model_.bad_words_.size() +
                      (model_.no_repeat_ > 0 ? max_length : 0) +
                      (model_.encoder_no_repeat_ > 0 ? source_.size() : 0);
  counts.adjusted = fixed_.size() + model_.sequence_bias_.size() +
                    (model_.penalty_ != 1 ? max_length : 0) +
                    (model_.length_decay_ ? model_.eos_.size() : 0);
  return counts;
}

// One entry a token, of the biases and penalties that it always has.
void TokenRules::MakeFixed() {
  for (const models::SequenceBias& bias : model_.token_bias_) {
    fixed_.push_back({bias.tokens[0], static_cast<float>(bias.bias), 1});
  }
  if (model_.encoder_penalty_ != 1) {
    for (const std::int32_t token : source_) {
      fixed_.push_back({token, 0, model_.encoder_penalty_});
    }
  }
  std::ranges::stable_sort(fixed_, {}, &Fixed::token);
  std::size_t last = 0;
  for (std::size_t i = 1; i < fixed_.size(); ++i) {
    if (fixed_[i].token != fixed_[last].token) {
      fixed_[++last] = fixed_[i];
      continue;
    }
    fixed_[last].addend += fixed_[i].addend;
    if (fixed_[i].penalty != 1) fixed_[last].penalty = fixed_[i].penalty;
  }
  if (!fixed_.empty()) fixed_.resize(last + 1);
}

bool TokenRules::IsEos(std::int32_t token) const {
  return Contains(model_.eos_, token);
}

void TokenRules::AddReachable(std::vector<std::int32_t>& tokens) const {
  tokens.insert(tokens.end(), model_.eos_.begin(), model_.eos_.end());
  if (forced_first_) tokens.push_back(*forced_first_);
  if (model_.forced_eos_) tokens.push_back(*model_.forced_eos_);
  for (const auto* biases : {&model_.token_bias_, &model_.sequence_bias_}) {
    for (const models::SequenceBias& bias : *biases) {
      tokens.insert(tokens.end(), bias.tokens.begin(), bias.tokens.end());
    }
  }
}

std::optional<std::int32_t> TokenRules::Forced(SearchPosition position) const {
  if (model_.forced_eos_ && position.length + 1 == position.max_length) {
    return model_.forced_eos_;
  }
  return position.length == prompt_.size() ? forced_first_ : std::nullopt;
}

// Whether an output ends with all but the last token of a sequence.
bool TokenRules::EndsLike(const std::vector<std::int32_t>& sequence,
                          std::size_t length, const History& history,
                          std::int32_t node) const {
  // Hugging Face asks for an output as long as the whole sequence, though all
  // but its last token would do.
  if (sequence.size() > length) return false;
  const std::size_t prefix = sequence.size() - 1;
  for (std::size_t i = 0; i < prefix; ++i) {
    if (history.TokenBefore(node, i) != sequence[prefix - 1 - i]) return false;
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

// The row's entries in edits.adjusted begin with those of fixed_, which are in
// the order of their tokens; the others follow as they come.
void TokenRules::EditScores(std::int32_t row, std::size_t length,
                            const History& history, std::int32_t node,
                            Edits& edits) const {
  std::vector<models::AdjustedToken>& all = edits.adjusted;
  const std::size_t begin = all.size();
  for (const Fixed& fixed : fixed_) {
    all.push_back({row, fixed.token, fixed.addend, fixed.penalty});
  }
  const auto entry = [&](std::int32_t token) {
    const auto known =
        std::ranges::lower_bound(fixed_, token, {}, &Fixed::token);
    std::size_t i = begin + static_cast<std::size_t>(known - fixed_.begin());
    if (known != fixed_.end() && known->token == token) return i;
    i = begin + fixed_.size();
    while (i < all.size() && all[i].token != token) ++i;
    if (i == all.size()) all.push_back({.row = row, .token = token});
    return i;
  };
  for (const models::SequenceBias& bias : model_.sequence_bias_) {
    if (!EndsLike(bias.tokens, length, history, node)) continue;
    all[entry(bias.tokens.back())].addend += static_cast<float>(bias.bias);
  }
  if (model_.penalty_ != 1) {
    for (std::int32_t at = node; at >= 0; at = history.Parent(at)) {
      const std::size_t i = entry(history.TokenBefore(at, 0));
      const bool has_own = i - begin < fixed_.size();  // of the source
      // Once, however often the output has the token.
      all[i].penalty =
          model_.penalty_ * (has_own ? fixed_[i - begin].penalty : 1);
    }
  }
  if (!model_.length_decay_) return;
  const std::size_t start = model_.length_decay_->start + prompt_.size();
  if (length <= start) return;
  const double growth =
      std::min(kMaxGrowth, std::pow(model_.length_decay_->factor,
                                    static_cast<double>(length - start)) -
                               1);
  for (const std::int32_t token : model_.eos_) {
    all[entry(token)].growth = static_cast<float>(growth);
  }
}

void TokenRules::Edit(std::int32_t row, SearchPosition position,
                      const History& history, std::int32_t node,
                      Edits& edits) const {
  if (const auto forced = Forced(position)) {
    edits.forced.push_back({row, *forced});
    return;
  }
  for (const std::int32_t token : model_.suppressed_everywhere_) {
    edits.suppressed.push_back({row, token});
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
  EditScores(row, position.length, history, node, edits);
}

}  // namespace tessera::engine
