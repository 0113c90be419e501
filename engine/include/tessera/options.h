// How a model is loaded, and how a text is translated.
//
// Options are set by name, {.beam_size = 4}; new ones are added at the end.
#ifndef TESSERA_OPTIONS_H_
#define TESSERA_OPTIONS_H_

#include <cstddef>
#include <optional>
#include <string>

namespace tessera {

// How a model is loaded. The defaults are the fast ones.
struct LoadOptions {
  // Threads for all translations of this Translator together; 0: as many as
  // CPU affinity and the cgroup quota allow.
  std::size_t threads = 0;
  // Type of weights and products: "f32".
  std::string precision = "f32";
  // Sentences that one thread decodes together.
  std::size_t batch_size = 32;
};

// How a text is translated. What is not set comes from the model's
// generation_config.json.
struct TranslateOptions {
  // 1: greedy search, 2 to 64: beam search.
  std::optional<std::size_t> beam_size = {};
  // Beam scores are sums of log-probabilities divided by length^length_penalty,
  // or ((5 + length) / 6)^length_penalty where the model says so ("gnmt");
  // from -10 to 10.
  std::optional<double> length_penalty = {};
  // Longest output in tokens, the decoder's start token counted, as in Hugging
  // Face `generate`; 2 at least.
  std::optional<std::size_t> max_length = {};
};

}  // namespace tessera

#endif  // TESSERA_OPTIONS_H_
