// The warpers, on what the ones before have kept.
#include "engine/search/warpers.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace tessera::engine {
namespace {

double Score(const KeptToken& kept) { return static_cast<double>(kept.score); }

}  // namespace

std::span<const KeptToken> Warpers::Keep(const WarperOptions& options,
                                         std::size_t min_tokens,
                                         std::span<const float> scores) {
  kept_.clear();
  const auto temperature = static_cast<float>(options.temperature);
  for (std::size_t i = 0; i < scores.size(); ++i) {
    if (!(scores[i] > -std::numeric_limits<float>::infinity())) continue;
    kept_.push_back({static_cast<std::int32_t>(i), scores[i] / temperature});
  }
  if (options.top_k > 0) KeepHighest(std::max(options.top_k, min_tokens));
  if (options.top_p < 1) KeepTop(options.top_p, min_tokens);
  if (options.min_p) {
    KeepLikely(*options.min_p * HighestProbability(), min_tokens);
  }
  if (options.typical_p < 1) KeepTypical(options.typical_p, min_tokens);
  if (options.epsilon_cutoff > 0) {
    KeepLikely(options.epsilon_cutoff, min_tokens);
  }
  if (options.eta_cutoff > 0) {
    const double entropy = Entropy(LogSum());
    KeepLikely(std::min(options.eta_cutoff,
                        std::sqrt(options.eta_cutoff) * std::exp(-entropy)),
               min_tokens);
  }
  return kept_;
}

template <class Rank>
void Warpers::Order(Rank&& rank) {
  order_.clear();
  for (std::size_t i = 0; i < kept_.size(); ++i) {
    order_.push_back({rank(Score(kept_[i])), i});
  }
  std::sort(order_.begin(), order_.end());
}

void Warpers::DropFrom(std::size_t first) {
  for (std::size_t i = first; i < order_.size(); ++i) {
    kept_[order_[i].place].token = -1;
  }
  std::erase_if(kept_, [](const KeptToken& kept) { return kept.token < 0; });
}

void Warpers::KeepHighest(std::size_t k) {
  if (kept_.size() <= k) return;
  order_.clear();
  for (const KeptToken& kept : kept_) order_.push_back({-Score(kept), 0});
  const auto last = order_.begin() + static_cast<std::ptrdiff_t>(k - 1);
  std::nth_element(order_.begin(), last, order_.end());
  const double lowest = -last->rank;
  std::erase_if(kept_,
                [&](const KeptToken& kept) { return Score(kept) < lowest; });
}

void Warpers::KeepTop(double mass, std::size_t min_tokens) {
  const double log_sum = LogSum();
  Order([](double score) { return -score; });
  // Those behind the first `keep` have a mass of at most 1 - mass together.
  double behind = 0;
  std::size_t keep = order_.size();
  for (; keep > min_tokens; --keep) {
    behind += std::exp(-order_[keep - 1].rank - log_sum);
    if (behind > 1 - mass) break;
  }
  DropFrom(keep);
}

void Warpers::KeepTypical(double mass, std::size_t min_tokens) {
  const double log_sum = LogSum();
  const double entropy = Entropy(log_sum);
  Order([&](double score) { return std::abs(log_sum - score - entropy); });
  double sum = 0;
  std::size_t last = 0;
  for (; last + 1 < order_.size(); ++last) {
    sum += std::exp(Score(kept_[order_[last].place]) - log_sum);
    if (!(sum < mass)) break;
  }
  std::size_t keep = last + 1;
  while (keep < order_.size() && order_[keep].rank == order_[last].rank) ++keep;
  DropFrom(std::max(keep, min_tokens));
}

void Warpers::KeepLikely(double probability, std::size_t min_tokens) {
  const double log_sum = LogSum();
  Order([](double score) { return -score; });
  std::size_t keep = std::min(min_tokens, order_.size());
  while (keep < order_.size() &&
         !(std::exp(-order_[keep].rank - log_sum) < probability)) {
    ++keep;
  }
  DropFrom(keep);
}

double Warpers::LogSum() const {
  double highest = -std::numeric_limits<double>::infinity();
  for (const KeptToken& kept : kept_) highest = std::max(highest, Score(kept));
  double sum = 0;
  for (const KeptToken& kept : kept_) sum += std::exp(Score(kept) - highest);
  return highest + std::log(sum);
}

double Warpers::Entropy(double log_sum) const {
  double entropy = 0;
  for (const KeptToken& kept : kept_) {
    const double log_prob = Score(kept) - log_sum;
    entropy -= std::exp(log_prob) * log_prob;
  }
  return entropy;
}

double Warpers::HighestProbability() const {
  double highest = -std::numeric_limits<double>::infinity();
  for (const KeptToken& kept : kept_) highest = std::max(highest, Score(kept));
  return std::exp(highest - LogSum());
}

std::size_t Draw(std::span<const KeptToken> kept, double u) {
  double highest = -std::numeric_limits<double>::infinity();
  for (const KeptToken& token : kept) {
    highest = std::max(highest, Score(token));
  }
  double sum = 0;
  for (const KeptToken& token : kept) sum += std::exp(Score(token) - highest);
  const double place = u * sum;
  double before = 0;
  for (std::size_t i = 0; i + 1 < kept.size(); ++i) {
    before += std::exp(Score(kept[i]) - highest);
    if (place < before) return i;
  }
  return kept.size() - 1;
}

}  // namespace tessera::engine
