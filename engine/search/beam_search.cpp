// Beam search.
#include "engine/search/beam_search.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

namespace tessera::engine {
namespace {

using models::EarlyStopping;

// The sum that puts a beam behind all real ones. Additions to it are done in
// float32, as Hugging Face does them: its unit in the last place is 64.
constexpr float kBehind = -1e9F;

// Whether a sum is that of an output which the model gave, beginning to end.
bool IsReal(float sum) { return sum > kBehind / 2; }

std::size_t ContinuationCount(const SearchOptions& options,
                              const TokenRules& rules) {
  if (options.early_stopping == EarlyStopping::kTopBeam) {
    return options.beam_size;
  }
  return (1 + std::max<std::size_t>(1, rules.eos_count())) * options.beam_size;
}

void CutAfterEos(Hypothesis& output, const TokenRules& rules) {
  const auto eos =
      std::find_if(output.ids.begin(), output.ids.end(),
                   [&](std::int32_t token) { return rules.IsEos(token); });
  if (eos == output.ids.end()) return;
  output.ids.erase(eos + 1, output.ids.end());
  output.log_probs.resize(output.ids.size());
}

}  // namespace

float LengthNormalizer(const SearchOptions& options, std::size_t tokens) {
  const auto n = static_cast<double>(tokens);
  const bool gnmt =
      options.length_penalty_form == models::LengthPenaltyForm::kGnmt;
  return static_cast<float>(
      std::pow(gnmt ? (5 + n) / 6 : n, options.length_penalty));
}

bool BeamSearch::Better::operator()(const Continuation& a,
                                    const Continuation& b) const {
  if (a.rank != b.rank) return a.rank > b.rank;
  if (a.beam != b.beam) return a.beam < b.beam;
  return a.token < b.token;
}

BeamSearch::BeamSearch(const SearchOptions& options, TokenRules rules)
    : options_(options),
      rules_(std::move(rules)),
      continuation_count_(ContinuationCount(options, rules_)),
      length_(rules_.prompt().size()),
      history_(rules_.prompt(),
               Written(options.max_length) * options.beam_size),
      coverage_(options.coverage_penalty, options.beam_size),
      beams_(options.beam_size, Beam{.sum = kBehind, .node = history_.root()}),
      continuations_(continuation_count_),
      running_(options.beam_size),
      finished_(options.beam_size) {
  rows_.reserve(options.beam_size);
  rows_.push_back({.parent = -1, .tokens = rules_.prompt()});
  tokens_.reserve(options.beam_size);
  beams_.front().sum = 0;
}

void BeamSearch::SetSourceTokens(std::size_t tokens) {
  coverage_.SetSourceTokens(tokens);
  rows_.front().attention = coverage_.Place(0);
}

// Tokens of an output of that length without its prompt.
std::size_t BeamSearch::Written(std::size_t length) const {
  return length - rules_.prompt().size();
}

void BeamSearch::Edit(std::int32_t first_row, Edits& edits) const {
  const SearchPosition position = {length_, options_.max_length};
  for (std::size_t row = 0; row < rows_.size(); ++row) {
    rules_.Edit(first_row + static_cast<std::int32_t>(row), position, history_,
                beams_[row].node, edits);
  }
}

bool BeamSearch::Advance(const models::Candidates& best) {
  Rank(best);
  return Conclude();
}

bool BeamSearch::AdvanceByScores(kernels::Rows<const float> scores,
                                 Warpers& warpers) {
  Rank(scores, warpers);
  return Conclude();
}

bool BeamSearch::Conclude() {
  coverage_.Add(rows_);
  CollectFinished();
  ContinueRunning();
  ++length_;
  return ends_with_top_beam() ? TopBeamGoesOn() : GoesOn();
}

// continuations_: the K best of all beams.
void BeamSearch::Rank(const models::Candidates& best) {
  continuations_.Clear();
  const std::size_t columns =
      std::min(best.log_probs.cols, continuation_count_);
  const bool all_stop = length_ + 1 >= options_.max_length;
  const bool none_stops = ends_with_top_beam();
  for (std::size_t i = 0; i < beams_.size(); ++i) {
    const Beam beam = beams_[i];
    const std::size_t row = std::min(i, rows_.size() - 1);
    for (std::size_t c = 0; c < columns; ++c) {
      const float log_prob = best.log_probs[row][c];
      const std::int32_t token = best.tokens[row][c];
      const float sum = beam.sum + log_prob;
      if (!(sum <= std::numeric_limits<float>::max())) ThrowNoToken();
      if (continuations_.full() && sum < continuations_.back().sum) break;
      continuations_.Add(
          {.sum = sum,
           .rank = sum,
           .beam = static_cast<std::int32_t>(i),
           .parent = beam.node,
           .token = token,
           .log_prob = log_prob,
           .stops = !none_stops && (all_stop || rules_.IsEos(token))});
    }
  }
}

// continuations_: K draws. The largest sums with Gumbel noise are that.
void BeamSearch::Rank(kernels::Rows<const float> scores, Warpers& warpers) {
  continuations_.Clear();
  const DrawKey key = options_.sampling->key.With(length_);
  const bool all_stop = length_ + 1 >= options_.max_length;
  const bool none_stops = ends_with_top_beam();
  const std::size_t least = rules_.eos_count() + 1;
  for (std::size_t i = 0; i < beams_.size(); ++i) {
    const Beam beam = beams_[i];
    const std::size_t row = std::min(i, rows_.size() - 1);
    const auto kept = warpers.Keep(options_.sampling->warpers, least,
                                   {scores[row], scores.cols});
    const DrawKey own = key.With(i);
    for (const KeptToken& next : kept) {
      const float sum = beam.sum + next.score;
      if (!(sum <= std::numeric_limits<float>::max())) ThrowNoToken();
      const auto id = static_cast<std::uint64_t>(next.token);
      const auto noise = static_cast<float>(own.With(id).Gumbel());
      continuations_.Add(
          {.sum = sum,
           .rank = sum + noise,
           .beam = static_cast<std::int32_t>(i),
           .parent = beam.node,
           .token = next.token,
           .log_prob = next.score,
           .stops = !none_stops && (all_stop || rules_.IsEos(next.token))});
    }
  }
  if (continuations_.empty()) ThrowNoToken();
}

// finished_: with those of the first B continuations that stop now. Hugging
// Face begins with B empty ones of score -1e9, which others must beat that are
// not real; real ones always count.
void BeamSearch::CollectFinished() {
  const float normalizer = Normalizer(Written(length_ + 1));
  const std::size_t count = std::min(beams_.size(), continuations_.size());
  for (std::size_t i = 0; i < count; ++i) {
    const Continuation& next = continuations_[i];
    const float score = next.sum / normalizer;
    const bool real = IsReal(next.sum);
    if (!next.stops || !(real || score > kBehind)) continue;
    const std::size_t row =
        std::min(static_cast<std::size_t>(next.beam), rows_.size() - 1);
    finished_.Add({.score = score + coverage_.Penalty(row),
                   .parent = next.parent,
                   .token = next.token,
                   .log_prob = next.log_prob,
                   .real = real});
  }
}

// beams_ and rows_: the continuations that the next step runs.
void BeamSearch::ContinueRunning() {
  running_.Clear();
  for (Continuation next : continuations_.items()) {
    if (next.stops) next.sum += kBehind;
    running_.Add(next);
  }
  const bool first = rows_.size() < beams_.size();
  rows_.clear();
  tokens_.clear();
  beams_.clear();
  for (const Continuation& next : running_.items()) {
    tokens_.push_back(next.token);
    rows_.push_back({first ? 0 : next.beam,
                     {&tokens_.back(), 1},
                     coverage_.Place(rows_.size())});
    beams_.push_back(
        {next.sum, history_.Append(next.parent, next.token, next.log_prob)});
  }
}

bool BeamSearch::GoesOn() const {
  const auto stops = [](const Continuation& next) { return next.stops; };
  const auto continuations = continuations_.items();
  if (std::all_of(continuations.begin(), continuations.end(), stops)) {
    return false;
  }
  if (options_.early_stopping == EarlyStopping::kFirst && finished_.full()) {
    return false;
  }
  // Hugging Face goes on with the -1e9 beams; no real output comes of them.
  return IsReal(beams_.front().sum) && CanImprove();
}

bool BeamSearch::TopBeamGoesOn() const {
  return length_ < options_.max_length && IsReal(beams_.front().sum) &&
         !rules_.IsEos(tokens_.front());
}

// Of the best beam, which is real: it can take the place of one that is not.
bool BeamSearch::CanImprove() const {
  if (!finished_.full() || !finished_.back().real) return true;
  const bool at_max_length = options_.early_stopping == EarlyStopping::kNever &&
                             options_.length_penalty > 0;
  const std::size_t tokens =
      Written(at_max_length ? options_.max_length : length_);
  return beams_.front().sum / Normalizer(tokens) > finished_.back().score;
}

// What the running beams and the finished outputs have in common.
void BeamSearch::StableIds(std::vector<std::int32_t>& ids) const {
  std::vector<Hypothesis> outputs = FinishedOutputs();
  for (const Beam& beam : beams_) {
    if (!IsReal(beam.sum)) continue;
    outputs.push_back(history_.Output(beam.node, beam.sum));
    CutAfterEos(outputs.back(), rules_);
  }
  ids.clear();
  if (outputs.empty()) return;
  ids = std::move(outputs.front().ids);
  for (std::size_t i = 1; i < outputs.size(); ++i) {
    ids.erase(std::ranges::mismatch(ids, outputs[i].ids).in1, ids.end());
  }
}

std::vector<Hypothesis> BeamSearch::Finish() const {
  std::vector<Hypothesis> outputs =
      ends_with_top_beam() ? BeamsAsTheyStand() : FinishedOutputs();
  if (outputs.empty()) ThrowNoToken();
  if (options_.n_best && outputs.size() > *options_.n_best) {
    outputs.resize(*options_.n_best);
  }
  return outputs;
}

std::vector<Hypothesis> BeamSearch::BeamsAsTheyStand() const {
  const float normalizer = Normalizer(Written(length_));
  std::vector<Hypothesis> outputs;
  for (const Beam& beam : beams_) {
    if (!IsReal(beam.sum)) continue;
    outputs.push_back(history_.Output(beam.node, beam.sum / normalizer));
    CutAfterEos(outputs.back(), rules_);
  }
  return outputs;
}

std::vector<Hypothesis> BeamSearch::FinishedOutputs() const {
  std::vector<Hypothesis> outputs;
  for (const Finished& finished : finished_.items()) {
    if (!finished.real) continue;
    Hypothesis& output =
        outputs.emplace_back(history_.Output(finished.parent, finished.score));
    output.ids.push_back(finished.token);
    output.log_probs.push_back(finished.log_prob);
  }
  return outputs;
}

}  // namespace tessera::engine
