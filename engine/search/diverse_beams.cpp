// The groups in turn.
#include "engine/search/diverse_beams.h"

#include <algorithm>
#include <utility>

namespace tessera::engine {

DiverseBeams::DiverseBeams(const SearchOptions& options,
                           const TokenRules& rules)
    : options_(options) {
  SearchOptions own = options;
  own.beam_size = options.beam_size / options.beam_groups;
  own.n_best = std::nullopt;
  for (std::size_t g = 0; g < options.beam_groups; ++g) {
    groups_.push_back({std::make_unique<BeamSearch>(own, rules)});
  }
  candidates_ =
      groups_.front().search->candidates() + options.beam_size - own.beam_size;
  rows_.reserve(options.beam_size);
  chosen_.reserve(options.beam_size);
  sorted_.reserve(candidates_);
  log_probs_.resize(own.beam_size * candidates_);
  tokens_.resize(own.beam_size * candidates_);
  GatherRows();
}

void DiverseBeams::SetSourceTokens(std::size_t tokens) {
  for (Group& group : groups_) group.search->SetSourceTokens(tokens);
  GatherRows();
}

// A row's parent is a row of its own group in the step before.
void DiverseBeams::GatherRows() {
  rows_.clear();
  for (Group& group : groups_) {
    if (!group.runs) continue;
    const auto before = static_cast<std::int32_t>(group.first_row);
    group.first_row = rows_.size();
    for (SearchRow row : group.search->rows()) {
      if (row.parent >= 0) row.parent += before;
      rows_.push_back(row);
    }
  }
}

void DiverseBeams::Edit(std::int32_t first_row, Edits& edits) const {
  for (const Group& group : groups_) {
    if (!group.runs) continue;
    group.search->Edit(first_row + static_cast<std::int32_t>(group.first_row),
                       edits);
  }
}

EditCounts DiverseBeams::MaxEdits() const {
  return Times(groups_.front().search->MaxEdits(), groups_.size());
}

bool DiverseBeams::Advance(const models::Candidates& best) {
  chosen_.clear();
  for (Group& group : groups_) {
    if (!group.runs) continue;
    group.runs = group.search->Advance(Penalised(best, group));
    for (const SearchRow& row : group.search->rows()) {
      chosen_.push_back(row.tokens.back());
    }
  }
  GatherRows();
  return !rows_.empty();
}

// A group's candidates, in order again after the penalty.
models::Candidates DiverseBeams::Penalised(const models::Candidates& best,
                                           const Group& group) {
  const std::size_t columns = std::min(best.log_probs.cols, candidates_);
  const std::size_t rows = group.search->rows().size();
  for (std::size_t r = 0; r < rows; ++r) {
    sorted_.clear();
    for (std::size_t c = 0; c < columns; ++c) {
      const std::int32_t token = best.tokens[group.first_row + r][c];
      const auto times =
          static_cast<double>(std::ranges::count(chosen_, token));
      const auto penalty =
          static_cast<float>(options_.diversity_penalty * times);
      sorted_.push_back(
          {best.log_probs[group.first_row + r][c] - penalty, token});
    }
    std::ranges::sort(sorted_, [](const Candidate& a, const Candidate& b) {
      return a.log_prob != b.log_prob ? a.log_prob > b.log_prob
                                      : a.token < b.token;
    });
    for (std::size_t c = 0; c < columns; ++c) {
      log_probs_[r * columns + c] = sorted_[c].log_prob;
      tokens_[r * columns + c] = sorted_[c].token;
    }
  }
  return {kernels::Dense<const float>(log_probs_.data(), rows, columns),
          kernels::Dense<const std::int32_t>(tokens_.data(), rows, columns)};
}

std::vector<Hypothesis> DiverseBeams::Finish() const {
  std::vector<Hypothesis> outputs;
  for (const Group& group : groups_) {
    for (Hypothesis& output : group.search->Finish()) {
      outputs.push_back(std::move(output));
    }
  }
  std::ranges::stable_sort(outputs, std::ranges::greater(), &Hypothesis::score);
  if (options_.n_best && outputs.size() > *options_.n_best) {
    outputs.resize(*options_.n_best);
  }
  return outputs;
}

}  // namespace tessera::engine
