// Greedy and beam search as Hugging Face Transformers 4.57 writes them: dense
// score matrices, merged and cut with top-k, for a batch of one sentence.
#ifndef TESSERA_TESTS_REFERENCE_HF_SEARCH_H_
#define TESSERA_TESTS_REFERENCE_HF_SEARCH_H_

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <functional>
#include <limits>
#include <numeric>
#include <vector>

#include "models/config/generation_config.h"

namespace tessera::reference {

using Ids = std::vector<std::int32_t>;
using Scores = std::vector<float>;

// The logits that follow an output (start token first).
using LogitsAfter = std::function<Scores(const Ids& output)>;

struct SearchResult {
  Ids ids;  // without the start token
  float score = 0;
};

class HfSearch {
 public:
  HfSearch(models::GenerationConfig config, LogitsAfter logits)
      : config_(std::move(config)), logits_(std::move(logits)) {}

  SearchResult Greedy() const;

  // The pool at the end, best first, without the entries that no model gave:
  // empty ones, and continuations of beams that began with -1e9.
  std::vector<SearchResult> Beam() const;

 private:
  static constexpr float kInfinity = std::numeric_limits<float>::infinity();

  struct Entry {  // a row of sequences, with its scores
    Ids ids;
    float score = 0;
    bool done = false;
  };

  bool IsEos(std::int32_t id) const {
    return std::count(config_.eos_token_ids.begin(),
                      config_.eos_token_ids.end(), id) > 0;
  }
  bool Stops(const Ids& ids) const {
    return IsEos(ids.back()) || ids.size() >= config_.max_length;
  }
  static void LogSoftmax(Scores& scores) {
    double sum = 0;
    for (float score : scores) sum += std::exp(static_cast<double>(score));
    const auto log_sum = static_cast<float>(std::log(sum));
    for (float& score : scores) score -= log_sum;
  }
  // Indices of the k largest, the lower index first among equals.
  static std::vector<std::size_t> TopK(const Scores& scores, std::size_t k) {
    std::vector<std::size_t> order(scores.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(),
                     [&](auto a, auto b) { return scores[a] > scores[b]; });
    order.resize(std::min(k, order.size()));
    return order;
  }
  // Hugging Face has the power of the length only.
  float Power(std::size_t length) const {
    auto base = static_cast<double>(length);
    if (config_.length_penalty_form == models::LengthPenaltyForm::kGnmt) {
      base = (5.0 + base) / 6.0;
    }
    return static_cast<float>(std::pow(base, config_.length_penalty));
  }

  void BadWords(const Ids& ids, Scores& scores) const;
  void Process(const Ids& ids, Scores& scores) const;
  Scores LogProbs(const Ids& ids) const;

  models::GenerationConfig config_;
  LogitsAfter logits_;
};

inline void HfSearch::BadWords(const Ids& ids, Scores& scores) const {
  for (const auto& word : config_.bad_words_ids) {
    if (word.size() > 1 && word.size() > ids.size()) continue;
    const auto prefix = static_cast<std::ptrdiff_t>(word.size()) - 1;
    if (std::equal(word.begin(), word.end() - 1, ids.end() - prefix)) {
      scores[static_cast<std::size_t>(word.back())] = -kInfinity;
    }
  }
}

// The logits processors in their order.
inline void HfSearch::Process(const Ids& ids, Scores& scores) const {
  const auto suppress = [&](const Ids& tokens) {
    for (auto id : tokens) scores[static_cast<std::size_t>(id)] = -kInfinity;
  };
  const auto force = [&](std::int32_t id) {
    std::fill(scores.begin(), scores.end(), -kInfinity);
    scores[static_cast<std::size_t>(id)] = 0;
  };
  BadWords(ids, scores);
  if (ids.size() < config_.min_length) suppress(config_.eos_token_ids);
  if (config_.forced_bos_token_id && ids.size() == 1) {
    force(*config_.forced_bos_token_id);
  }
  if (!config_.forced_eos_token_ids.empty() &&
      ids.size() == config_.max_length - 1) {
    force(config_.forced_eos_token_ids.front());
  }
  suppress(config_.suppress_tokens);
  const std::size_t begin = config_.forced_bos_token_id ? 2 : 1;
  if (ids.size() == begin) suppress(config_.begin_suppress_tokens);
}

// As beam search sees them.
inline Scores HfSearch::LogProbs(const Ids& ids) const {
  Scores scores = logits_(ids);
  LogSoftmax(scores);
  Process(ids, scores);
  if (config_.renormalize_logits) LogSoftmax(scores);
  return scores;
}

inline SearchResult HfSearch::Greedy() const {
  Ids ids = {config_.decoder_start_token_id};
  float sum = 0;
  do {
    Scores scores = logits_(ids);
    Process(ids, scores);
    const std::size_t best = TopK(scores, 1)[0];
    LogSoftmax(scores);
    sum += scores[best];
    ids.push_back(static_cast<std::int32_t>(best));
  } while (!Stops(ids));
  return {{ids.begin() + 1, ids.end()}, sum};
}

inline std::vector<SearchResult> HfSearch::Beam() const {
  const std::size_t beams = config_.num_beams;
  const std::size_t keep =
      std::max<std::size_t>(2, 1 + config_.eos_token_ids.size()) * beams;
  const Ids prompt = {config_.decoder_start_token_id};
  std::vector<Entry> running(beams, Entry{prompt, -1e9F, false});
  running[0].score = 0;
  std::vector<Entry> pool(beams, Entry{prompt, -1e9F, false});
  const bool first = config_.early_stopping == models::EarlyStopping::kFirst;
  const bool never = config_.early_stopping == models::EarlyStopping::kNever;
  bool open = true;
  for (std::size_t length = 1;; ++length) {
    Scores flat;
    std::size_t vocabulary = 0;
    for (const Entry& beam : running) {
      const Scores scores = LogProbs(beam.ids);
      vocabulary = scores.size();
      for (float score : scores) flat.push_back(score + beam.score);
    }
    std::vector<Entry> top;
    for (std::size_t index : TopK(flat, keep)) {
      Entry next{running[index / vocabulary].ids, flat[index], false};
      next.ids.push_back(static_cast<std::int32_t>(index % vocabulary));
      next.done = Stops(next.ids);
      top.push_back(next);
    }

    Scores live;
    for (const Entry& next : top) {
      live.push_back(next.score + (next.done ? 1.0F : 0.0F) * -1e9F);
    }
    running.clear();
    for (std::size_t index : TopK(live, beams)) {
      running.push_back({top[index].ids, live[index], false});
    }

    const auto is_done = [](const Entry& entry) { return entry.done; };
    const bool full = std::all_of(pool.begin(), pool.end(), is_done);
    std::vector<Entry> merged = pool;
    for (std::size_t rank = 0; rank < top.size(); ++rank) {
      Entry next = top[rank];
      next.done = next.done && rank < beams;
      next.score /= Power(length);
      next.score += (full && first ? 1.0F : 0.0F) * -1e9F;
      next.score += (open ? 0.0F : 1.0F) * -1e9F;
      next.score += (next.done ? 0.0F : 1.0F) * -1e9F;
      merged.push_back(next);
    }
    Scores merged_scores;
    for (const Entry& entry : merged) merged_scores.push_back(entry.score);
    pool.clear();
    for (std::size_t index : TopK(merged_scores, beams)) {
      pool.push_back(merged[index]);
    }

    const std::size_t hypothetical =
        never && config_.length_penalty > 0 ? config_.max_length - 1 : length;
    const float best = running[0].score / Power(hypothetical);
    float lowest = kInfinity;
    for (const Entry& entry : pool) lowest = std::min(lowest, entry.score);
    open = open && std::any_of(pool.begin(), pool.end(), [&](const Entry& e) {
             return best > (e.done ? lowest : -1e9F);
           });
    const bool all_done = std::all_of(pool.begin(), pool.end(), is_done);
    const bool all_stop = std::all_of(top.begin(), top.end(), is_done);
    if (!open || (first && all_done) || all_stop) break;
  }
  std::vector<SearchResult> results;
  for (const Entry& entry : pool) {
    const float sum = entry.score * Power(entry.ids.size() - 1);
    if (!entry.done || sum < -5e8F) continue;
    results.push_back({{entry.ids.begin() + 1, entry.ids.end()}, entry.score});
  }
  return results;
}

}  // namespace tessera::reference

#endif  // TESSERA_TESTS_REFERENCE_HF_SEARCH_H_
