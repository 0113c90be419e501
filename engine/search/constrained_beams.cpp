// Progress in words, and beams by banks.
#include "engine/search/constrained_beams.h"

#include <tessera/error.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

namespace tessera::engine {
namespace {

std::size_t TokensOf(const std::vector<std::vector<std::int32_t>>& words) {
  std::size_t tokens = 0;
  for (const auto& word : words) tokens += word.size();
  return tokens;
}

// The longest beginning of a word that word[0, have) with `token` behind it
// ends with.
std::size_t LongestBeginning(const std::vector<std::int32_t>& word,
                             std::size_t have, std::int32_t token) {
  for (std::size_t size = have + 1; size > 0; --size) {
    if (word[size - 1] != token) continue;
    // word[0, size - 1) is what word[0, have) ends with.
    const auto end = word.begin() + static_cast<std::ptrdiff_t>(have);
    const auto from = end - static_cast<std::ptrdiff_t>(size - 1);
    if (std::equal(from, end, word.begin())) return size;
  }
  return 0;
}

}  // namespace

ConstrainedBeams::ConstrainedBeams(const SearchOptions& options,
                                   TokenRules rules)
    : options_(options),
      rules_(std::move(rules)),
      all_(TokensOf(options.required_words)),
      length_(rules_.prompt().size()),
      history_(rules_.prompt(),
               (options.max_length - length_) * options.beam_size),
      coverage_(options.coverage_penalty, options.beam_size),
      best_(options.beam_size + 1),
      finished_(options.beam_size) {
  const std::size_t beams = options.beam_size;
  rows_.reserve(beams);
  tokens_.reserve(beams);
  beams_.reserve(beams);
  next_.reserve(beams);
  continuations_.reserve(beams * (beams + 1 + options.required_words.size()));
  rows_.push_back({.parent = -1, .tokens = rules_.prompt()});
  beams_.push_back({.sum = 0, .node = history_.root(), .progress = {}});
}

void ConstrainedBeams::SetSourceTokens(std::size_t tokens) {
  coverage_.SetSourceTokens(tokens);
  rows_.front().attention = coverage_.Place(0);
}

// Only words of the output count, not those of the prompt.
ConstrainedBeams::Progress ConstrainedBeams::After(Progress progress,
                                                   std::int32_t token) const {
  for (std::size_t i = 0; i < options_.required_words.size(); ++i) {
    const std::vector<std::int32_t>& word = options_.required_words[i];
    const std::size_t have = progress[i];
    if (have == word.size()) continue;
    progress[i] =
        static_cast<std::uint8_t>(LongestBeginning(word, have, token));
  }
  return progress;
}

std::size_t ConstrainedBeams::BankOf(const Progress& progress) const {
  std::size_t bank = 0;
  for (std::size_t i = 0; i < options_.required_words.size(); ++i) {
    bank += progress[i];
  }
  return bank;
}

void ConstrainedBeams::Edit(std::int32_t first_row, Edits& edits) const {
  const SearchPosition position = {length_, options_.max_length};
  for (std::size_t row = 0; row < rows_.size(); ++row) {
    rules_.Edit(first_row + static_cast<std::int32_t>(row), position, history_,
                beams_[row].node, edits);
  }
}

bool ConstrainedBeams::Advance(const models::Candidates&) { ThrowNoToken(); }

bool ConstrainedBeams::AdvanceByScores(kernels::Rows<const float> scores,
                                       Warpers&) {
  coverage_.Add(rows_);
  continuations_.clear();
  for (std::size_t i = 0; i < beams_.size(); ++i) {
    CollectOf(i, {scores[i], scores.cols});
  }
  std::ranges::sort(
      continuations_, [](const Continuation& a, const Continuation& b) {
        if (a.sum != b.sum) return a.sum > b.sum;
        return a.beam != b.beam ? a.beam < b.beam : a.token < b.token;
      });
  CollectFinished();
  Allocate();
  ++length_;
  return GoesOn();
}

// The best tokens of a beam, and those that its words want.
void ConstrainedBeams::CollectOf(std::size_t beam,
                                 std::span<const float> scores) {
  best_.Clear();
  for (std::size_t id = 0; id < scores.size(); ++id) {
    if (std::isnan(scores[id])) ThrowNoToken();
    best_.Add({scores[id], static_cast<std::int32_t>(id)});
  }
  const std::size_t first = continuations_.size();
  for (const Token& token : best_.items()) Offer(beam, token);
  for (std::size_t i = 0; i < options_.required_words.size(); ++i) {
    const std::vector<std::int32_t>& word = options_.required_words[i];
    const std::size_t have = beams_[beam].progress[i];
    if (have == word.size()) continue;
    const std::int32_t wanted = word[have];
    const bool known = std::any_of(
        continuations_.begin() + static_cast<std::ptrdiff_t>(first),
        continuations_.end(),
        [&](const Continuation& other) { return other.token == wanted; });
    if (known) continue;
    Offer(beam, {scores[static_cast<std::size_t>(wanted)], wanted});
  }
}

void ConstrainedBeams::Offer(std::size_t beam, Token token) {
  if (!std::isfinite(token.log_prob)) return;
  const Progress progress = After(beams_[beam].progress, token.id);
  const std::size_t bank = BankOf(progress);
  if (rules_.IsEos(token.id) && bank < all_) return;
  continuations_.push_back({.sum = beams_[beam].sum + token.log_prob,
                            .beam = beam,
                            .token = token.id,
                            .log_prob = token.log_prob,
                            .progress = progress,
                            .bank = bank});
}

void ConstrainedBeams::CollectFinished() {
  const bool last = length_ + 1 >= options_.max_length;
  const float normalizer =
      LengthNormalizer(options_, length_ + 1 - rules_.prompt().size());
  for (Continuation& next : continuations_) {
    if (!last && !rules_.IsEos(next.token)) continue;
    next.taken = true;
    if (next.bank < all_) continue;
    finished_.Add(
        {.score = next.sum / normalizer + coverage_.Penalty(next.beam),
         .parent = beams_[next.beam].node,
         .token = next.token,
         .log_prob = next.log_prob});
  }
}

// The next beams: a share of each bank, then the best of the rest.
void ConstrainedBeams::Allocate() {
  rows_.clear();
  tokens_.clear();
  next_.clear();
  const std::size_t share =
      std::max<std::size_t>(1, options_.beam_size / (all_ + 1));
  for (std::size_t bank = all_ + 1; bank > 0; --bank) {
    TakeBest(bank - 1, share);
  }
  for (Continuation& next : continuations_) {
    if (!next.taken) Take(next);
  }
  std::swap(beams_, next_);
}

void ConstrainedBeams::TakeBest(std::size_t bank, std::size_t count) {
  for (Continuation& next : continuations_) {
    if (count == 0) return;
    if (next.taken || next.bank != bank) continue;
    Take(next);
    --count;
  }
}

void ConstrainedBeams::Take(Continuation& next) {
  if (next_.size() == options_.beam_size) return;
  next.taken = true;
  tokens_.push_back(next.token);
  rows_.push_back({.parent = static_cast<std::int32_t>(next.beam),
                   .tokens = {&tokens_.back(), 1},
                   .attention = coverage_.Place(rows_.size())});
  next_.push_back({.sum = next.sum,
                   .node = history_.Append(beams_[next.beam].node, next.token,
                                           next.log_prob),
                   .progress = next.progress});
}

bool ConstrainedBeams::GoesOn() const {
  if (beams_.empty()) return false;
  if (!finished_.full()) return true;
  if (options_.early_stopping == models::EarlyStopping::kFirst) return false;
  float best = -std::numeric_limits<float>::infinity();
  for (const Beam& beam : beams_) best = std::max(best, beam.sum);
  const bool at_max_length =
      options_.early_stopping == models::EarlyStopping::kNever &&
      options_.length_penalty > 0;
  const std::size_t length = at_max_length ? options_.max_length : length_;
  return best / LengthNormalizer(options_, length - rules_.prompt().size()) >
         finished_.back().score;
}

std::vector<Hypothesis> ConstrainedBeams::Finish() const {
  std::vector<Hypothesis> outputs;
  for (const Finished& finished : finished_.items()) {
    Hypothesis& output =
        outputs.emplace_back(history_.Output(finished.parent, finished.score));
    output.ids.push_back(finished.token);
    output.log_probs.push_back(finished.log_prob);
  }
  if (outputs.empty()) {
    throw Error(
        "required_words: want an output with all of them within max_length, "
        "found none");
  }
  if (options_.n_best && outputs.size() > *options_.n_best) {
    outputs.resize(*options_.n_best);
  }
  return outputs;
}

}  // namespace tessera::engine
