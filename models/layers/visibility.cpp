// Which tokens attention sees.
#include "models/layers/visibility.h"

#include <algorithm>
#include <utility>

namespace tessera::models {

std::vector<std::uint8_t> VisibleTokens(const PaddingRule& rule,
                                        std::span<const std::int32_t> ids) {
  std::vector<std::uint8_t> visible;
  if (!rule.hidden || std::ranges::count(ids, *rule.hidden) == 0)
    return visible;
  for (const std::int32_t id : ids) visible.push_back(id != *rule.hidden);
  return visible;
}

SourceVisibility::SourceVisibility(const PaddingRule& rule,
                                   std::span<const std::int32_t> ids,
                                   std::span<const std::int32_t> offsets)
    : fades_(rule.fades), visible_(VisibleTokens(rule, ids)) {
  if (!fades_ || visible_.empty()) return;
  for (std::size_t b = 0; b + 1 < offsets.size(); ++b) {
    const std::int32_t length = offsets[b + 1] - offsets[b];
    for (std::int32_t i = offsets[b]; i < offsets[b + 1]; ++i) {
      seen_.push_back(visible_[static_cast<std::size_t>(i)] ? length : 0);
    }
  }
}

void SourceVisibility::Apply(std::size_t layer,
                             kernels::AttentionRowsInput& input) const {
  if (visible_.empty() || (fades_ && layer > 0)) return;
  input.visible_keys = visible_;
  input.query_lengths = seen_;
}

std::vector<std::uint8_t> SourceVisibility::TakeLasting() && {
  return fades_ ? std::vector<std::uint8_t>() : std::move(visible_);
}

RowVisibility::RowVisibility(const PaddingRule& rule, std::size_t max_rows,
                             std::size_t max_positions)
    : rule_(rule),
      max_positions_(max_positions),
      rows_(rule.hidden ? max_rows : 0),
      old_rows_(rows_.size()) {}

void RowVisibility::Advance(std::span<const StepRow> rows) {
  if (!rule_.hidden) return;
  rows_.swap(old_rows_);
  visible_.swap(old_visible_);
  seen_.clear();
  for (std::size_t r = 0; r < rows.size(); ++r) {
    rows_[r] = Inherit(r, rows[r].parent);
    Read(r, rows[r].tokens);
  }
}

RowVisibility::Row RowVisibility::Inherit(std::size_t row,
                                          std::int32_t parent) {
  if (parent < 0) return {};
  const auto from = static_cast<std::size_t>(parent);
  const Row& old = old_rows_[from];
  if (old.hidden > 0) {
    std::copy_n(&old_visible_[from * max_positions_], old.length,
                &visible_[row * max_positions_]);
  }
  return {.length = old.length, .hidden = old.hidden};
}

void RowVisibility::Read(std::size_t row,
                         std::span<const std::int32_t> tokens) {
  Row& own = rows_[row];
  const std::size_t length = own.length + tokens.size();
  own.blind = seen_.size();
  for (const std::int32_t token : tokens) {
    const bool hidden = token == *rule_.hidden;
    if (hidden && visible_.empty()) {
      visible_.resize(rows_.size() * max_positions_);
      old_visible_.resize(visible_.size());
    }
    if (hidden && own.hidden++ == 0) {
      std::fill_n(&visible_[row * max_positions_], own.length, 1);
    }
    if (own.hidden > 0) {
      visible_[row * max_positions_ + own.length] = hidden ? 0 : 1;
    }
    own.has_blind = own.has_blind || (rule_.fades && hidden);
    seen_.push_back(hidden ? 0 : static_cast<std::int32_t>(length));
    ++own.length;
  }
}

void RowVisibility::Apply(std::size_t layer, std::size_t row,
                          kernels::AttentionSequence& sequence) const {
  if (!rule_.hidden) return;
  const Row& own = rows_[row];
  const bool hides = own.hidden > 0 && (!rule_.fades || layer == 0);
  sequence.mask.data = hides ? &visible_[row * max_positions_] : nullptr;
  sequence.query_lengths = hides && own.has_blind ? &seen_[own.blind] : nullptr;
}

}  // namespace tessera::models
