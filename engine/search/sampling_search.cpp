// Draws, and the rows of the outputs that go on.
#include "engine/search/sampling_search.h"

#include <cmath>
#include <utility>

#include "engine/search/warpers.h"

namespace tessera::engine {

SamplingSearch::SamplingSearch(const SearchOptions& options, TokenRules rules)
    : options_(options),
      rules_(std::move(rules)),
      length_(rules_.prompt().size()),
      history_(rules_.prompt(),
               (options.max_length - length_) * options.n_best.value_or(1)),
      samples_(options.n_best.value_or(1),
               {.node = history_.root(), .token = rules_.prompt().back()}) {
  rows_.reserve(samples_.size());
  rows_.push_back({.parent = -1, .tokens = rules_.prompt()});
}

void SamplingSearch::Edit(std::int32_t first_row, Edits& edits) const {
  const SearchPosition position = {length_, options_.max_length};
  std::size_t edited = 0;
  for (const Sample& sample : samples_) {
    // All samples begin with the same row.
    if (!sample.runs || sample.row < edited) continue;
    rules_.Edit(first_row + static_cast<std::int32_t>(sample.row), position,
                history_, sample.node, edits);
    ++edited;
  }
}

bool SamplingSearch::Advance(const models::Candidates&) { ThrowNoToken(); }

bool SamplingSearch::AdvanceByScores(kernels::Rows<const float> scores,
                                     Warpers& warpers) {
  for (std::size_t i = 0; i < samples_.size(); ++i) {
    if (!samples_[i].runs) continue;
    DrawToken(i, {scores[samples_[i].row], scores.cols}, warpers);
  }
  ++length_;
  rows_.clear();
  for (Sample& sample : samples_) {
    if (rules_.IsEos(sample.token) || length_ >= options_.max_length) {
      sample.runs = false;
    }
    if (!sample.runs) continue;
    rows_.push_back({.parent = static_cast<std::int32_t>(sample.row),
                     .tokens = {&sample.token, 1}});
    sample.row = rows_.size() - 1;
  }
  return !rows_.empty();
}

void SamplingSearch::DrawToken(std::size_t number,
                               std::span<const float> scores,
                               Warpers& warpers) {
  Sample& sample = samples_[number];
  const auto kept = warpers.Keep(options_.sampling->warpers, 1, scores);
  if (kept.empty()) ThrowNoToken();
  const DrawKey key = options_.sampling->key.With(length_).With(number);
  sample.token = kept[Draw(kept, key.Uniform())].token;
  const float log_prob = scores[static_cast<std::size_t>(sample.token)];
  if (!std::isfinite(log_prob)) ThrowNoToken();
  sample.node = history_.Append(sample.node, sample.token, log_prob);
  sample.score += log_prob;
}

void SamplingSearch::StableIds(std::vector<std::int32_t>& ids) const {
  ids = history_.Output(samples_.front().node, 0).ids;
}

std::vector<Hypothesis> SamplingSearch::Finish() const {
  std::vector<Hypothesis> outputs;
  for (const Sample& sample : samples_) {
    outputs.push_back(history_.Output(sample.node, sample.score));
  }
  return outputs;
}

}  // namespace tessera::engine
