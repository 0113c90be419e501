// Sums of attention, by row.
#include "engine/search/coverage.h"

#include <algorithm>
#include <cmath>

namespace tessera::engine {

void Coverage::SetSourceTokens(std::size_t tokens) {
  if (weight_ == 0) return;
  tokens_ = tokens;
  for (std::vector<float>* rows : {&reported_, &sums_, &before_}) {
    rows->assign(beams_ * tokens, 0.0f);
  }
}

float* Coverage::Place(std::size_t row) {
  return tokens_ == 0 ? nullptr : &reported_[row * tokens_];
}

void Coverage::Add(std::span<const SearchRow> rows) {
  if (tokens_ == 0) return;
  std::swap(sums_, before_);
  for (std::size_t r = 0; r < rows.size(); ++r) {
    const float* const now = &reported_[r * tokens_];
    float* const sums = &sums_[r * tokens_];
    if (rows[r].parent < 0) {
      std::copy_n(now, tokens_, sums);
      continue;
    }
    const float* const before =
        &before_[static_cast<std::size_t>(rows[r].parent) * tokens_];
    for (std::size_t i = 0; i < tokens_; ++i) sums[i] = before[i] + now[i];
  }
}

float Coverage::Penalty(std::size_t row) const {
  double sum = 0;
  for (std::size_t i = 0; i < tokens_; ++i) {
    const float covered = sums_[row * tokens_ + i];
    if (covered > 0 && covered < 1)
      sum += std::log(static_cast<double>(covered));
  }
  return static_cast<float>(weight_ * sum);
}

}  // namespace tessera::engine
