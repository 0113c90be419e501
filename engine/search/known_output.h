// An output that is known, as a search with nothing to choose.
#ifndef TESSERA_ENGINE_SEARCH_KNOWN_OUTPUT_H_
#define TESSERA_ENGINE_SEARCH_KNOWN_OUTPUT_H_

#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "engine/search/search.h"

namespace tessera::engine {

// Its only step reads the prompt and all tokens of the output but the last.
class KnownOutput final : public Search {
 public:
  // Requires a prompt and an output of one token at least.
  KnownOutput(std::span<const std::int32_t> prompt,
              std::vector<std::int32_t> ids)
      : reads_(prompt.begin(), prompt.end()) {
    reads_.insert(reads_.end(), ids.begin(), ids.end() - 1);
    row_ = {.parent = -1, .tokens = reads_};
    output_.ids = std::move(ids);
  }

  // The states of the step whose logits are those of ids() are its last ones,
  // as many as there are ids.
  std::span<const std::int32_t> ids() const { return output_.ids; }
  // One for each of ids().
  void SetLogProbs(std::vector<float> log_probs) {
    output_.log_probs = std::move(log_probs);
    for (const float log_prob : output_.log_probs) output_.score += log_prob;
  }

  std::span<const SearchRow> rows() const override { return {&row_, 1}; }
  std::size_t candidates() const override { return 1; }
  void Edit(std::int32_t, Edits&) const override {}
  EditCounts MaxEdits() const override { return {}; }
  bool Advance(const models::Candidates&) override { return false; }
  std::vector<Hypothesis> Finish() const override { return {output_}; }

 private:
  std::vector<std::int32_t> reads_;
  SearchRow row_;
  Hypothesis output_;
};

}  // namespace tessera::engine

#endif  // TESSERA_ENGINE_SEARCH_KNOWN_OUTPUT_H_
