// One output of a search.
#ifndef TESSERA_HYPOTHESIS_H_
#define TESSERA_HYPOTHESIS_H_

#include <cstdint>
#include <string>
#include <vector>

namespace tessera {

struct Hypothesis {
  std::string text;
  // Tokens with the final end-of-sentence, without the start token.
  std::vector<std::int32_t> ids;
  std::vector<std::string> pieces;  // the same, as vocabulary entries
  // Log-probability of each token given those before it.
  std::vector<float> log_probs;
  // Beam search: the sum divided by length^length_penalty, Hugging Face's
  // sequences_scores, or as the model's "length_penalty_form" says. Where beams
  // end together ("early_stopping": "top_beam"), of all tokens of the beam,
  // those behind its first end-of-sentence included. Greedy search: the sum.
  double score = 0;
};

}  // namespace tessera

#endif  // TESSERA_HYPOTHESIS_H_
