// Outputs and the rows of those that go on.
#include "engine/search/greedy_search.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

namespace tessera::engine {

GreedySearch::GreedySearch(const SearchOptions& options, TokenRules rules)
    : rules_(std::move(rules)),
      max_length_(options.max_length),
      count_(options.alternatives.value_or(1)),
      length_(rules_.prompt().size()),
      history_(rules_.prompt(), (max_length_ - length_) * count_) {
  outputs_.reserve(count_);
  rows_.reserve(count_);
  rows_.push_back({.parent = -1, .tokens = rules_.prompt()});
}

void GreedySearch::Edit(std::int32_t first_row, Edits& edits) const {
  const SearchPosition position = {length_, max_length_};
  if (!begun_) {
    rules_.Edit(first_row, position, history_, history_.root(), edits);
  }
  for (const Output& output : outputs_) {
    if (!output.runs) continue;
    rules_.Edit(first_row + static_cast<std::int32_t>(output.row), position,
                history_, output.node, edits);
  }
}

bool GreedySearch::Advance(const models::Candidates& best) {
  if (!begun_) {
    Begin(best);
  } else {
    for (Output& output : outputs_) {
      if (!output.runs) continue;
      Add(output, best.tokens[output.row][0], best.log_probs[output.row][0]);
    }
  }
  ++length_;
  rows_.clear();
  for (Output& output : outputs_) {
    if (rules_.IsEos(output.token) || length_ >= max_length_) {
      output.runs = false;
    }
    if (!output.runs) continue;
    rows_.push_back({.parent = static_cast<std::int32_t>(output.row),
                     .tokens = {&output.token, 1}});
    output.row = rows_.size() - 1;
  }
  return !rows_.empty();
}

// The first token of each, as many as are possible.
void GreedySearch::Begin(const models::Candidates& best) {
  begun_ = true;
  const std::size_t count = std::min(count_, best.log_probs.cols);
  for (std::size_t i = 0; i < count; ++i) {
    const float log_prob = best.log_probs[0][i];
    if (i > 0 && log_prob == -std::numeric_limits<float>::infinity()) break;
    outputs_.push_back({.node = history_.root(), .token = best.tokens[0][i]});
    Add(outputs_.back(), best.tokens[0][i], log_prob);
  }
}

void GreedySearch::Add(Output& output, std::int32_t token, float log_prob) {
  if (!std::isfinite(log_prob)) ThrowNoToken();
  output.token = token;
  output.node = history_.Append(output.node, token, log_prob);
  output.score += log_prob;
}

void GreedySearch::StableIds(std::vector<std::int32_t>& ids) const {
  ids = history_.Output(outputs_.front().node, 0).ids;
}

std::vector<Hypothesis> GreedySearch::Finish() const {
  std::vector<Hypothesis> outputs;
  for (const Output& output : outputs_) {
    outputs.push_back(history_.Output(output.node, output.score));
  }
  return outputs;
}

}  // namespace tessera::engine
