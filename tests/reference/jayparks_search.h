// Beam search as JayParks/transformer writes it (transformer/beam.py and
// translator.py at a846e90): one list of all continuations, cut to the best.
#ifndef TESSERA_TESTS_REFERENCE_JAYPARKS_SEARCH_H_
#define TESSERA_TESTS_REFERENCE_JAYPARKS_SEARCH_H_

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <functional>
#include <vector>

#include "models/config/generation_config.h"

namespace tessera::reference {

struct JayParksBeam {
  std::vector<std::int32_t> ids;    // start token first
  std::vector<std::int32_t> words;  // without it, to the first EOS
  std::size_t steps = 0;            // tokens without the start
  float score = 0;
};

// Log-probabilities of the tokens that follow an output (start token first).
inline std::vector<float> JayParksLogProbs(std::vector<float> logits) {
  double sum = 0;
  for (float logit : logits) sum += std::exp(static_cast<double>(logit));
  const auto log_sum = static_cast<float>(std::log(sum));
  for (float& logit : logits) logit -= log_sum;
  return logits;
}

// All beams, best first. Reads num_beams, max_length, eos_token_ids and
// decoder_start_token_id; requires a vocabulary of at least num_beams.
inline std::vector<JayParksBeam> JayParksSearch(
    const models::GenerationConfig& config,
    const std::function<
        std::vector<float>(const std::vector<std::int32_t>& output)>& logits) {
  const std::int32_t eos = config.eos_token_ids.front();
  std::vector<JayParksBeam> beams(1);
  beams.front().ids = {config.decoder_start_token_id};
  for (std::size_t step = 1; step < config.max_length; ++step) {
    std::vector<JayParksBeam> all;
    for (const JayParksBeam& beam : beams) {
      const std::vector<float> scores = JayParksLogProbs(logits(beam.ids));
      for (std::size_t token = 0; token < scores.size(); ++token) {
        JayParksBeam& next = all.emplace_back(beam);
        next.ids.push_back(static_cast<std::int32_t>(token));
        next.score = scores[token] + beam.score;
        next.steps = step;
      }
    }
    std::stable_sort(all.begin(), all.end(), [](const auto& a, const auto& b) {
      return a.score > b.score;
    });
    all.resize(config.num_beams);
    beams = std::move(all);
    if (beams.front().ids.back() == eos) break;
  }
  for (JayParksBeam& beam : beams) {
    for (std::size_t i = 1; i < beam.ids.size(); ++i) {
      beam.words.push_back(beam.ids[i]);
      if (beam.ids[i] == eos) break;
    }
  }
  return beams;
}

}  // namespace tessera::reference

#endif  // TESSERA_TESTS_REFERENCE_JAYPARKS_SEARCH_H_
