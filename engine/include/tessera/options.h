// How a model is loaded, how a text is translated, and the limits of both.
//
// Options are set by name, {.beam_size = 4}, and are compiled into the caller:
// new ones are added at the end, in releases that change the minor version.
#ifndef TESSERA_OPTIONS_H_
#define TESSERA_OPTIONS_H_

#include <cstddef>
#include <optional>
#include <string>

namespace tessera {

inline constexpr std::size_t kMaxThreads = 1024;
inline constexpr std::size_t kMaxBatchSize = 4096;
inline constexpr std::size_t kMaxBeamSize = 64;
// Beyond it length^length_penalty leaves the range of float32.
inline constexpr double kMaxLengthPenalty = 10;
// Of one text. It is a hundred times what a model with 512 positions can read;
// tokenising takes time that grows faster than the text.
inline constexpr std::size_t kMaxTextBytes = std::size_t{64} << 10;

// Type of weights and products.
enum class Precision {
  kAuto,  // the fastest on this CPU that keeps the quality of float32, or what
          // a folder made by `tessera pack` was made for
  kF32,   // float32: the outputs of Hugging Face Transformers
  kInt8,  // 8-bit integers, a scale for every output of a matrix and, while
          // translating, for every row of states; a quarter of the memory
};

// How a model is loaded. The defaults are the fast ones.
struct LoadOptions {
  // Threads for all translations of this Translator together, up to
  // kMaxThreads; 0: as many as CPU affinity and the cgroup quota allow.
  std::size_t threads = 0;
  Precision precision = Precision::kAuto;
  // Texts that one thread decodes together: 1 to kMaxBatchSize.
  std::size_t batch_size = 32;
  // What weights and work space may take, in bytes; a sentence that would need
  // more fails, and so does loading. 0: as much as the machine and the cgroup
  // have left, and at most 1 GiB, 4 times the weights and 8 MiB for each of
  // threads * batch_size sentences: enough for published models, while sizes in
  // a file can ask for a thousand times its bytes.
  std::size_t memory_bytes = 0;
};

// How a text is translated. What is not set comes from the model's
// generation_config.json.
struct TranslateOptions {
  // 1: greedy search, 2 to kMaxBeamSize: beam search.
  std::optional<std::size_t> beam_size = {};
  // Beam scores are sums of log-probabilities divided by length^length_penalty,
  // or ((5 + length) / 6)^length_penalty where the model says so ("gnmt");
  // from -kMaxLengthPenalty to kMaxLengthPenalty.
  std::optional<double> length_penalty = {};
  // Longest output in tokens, what the decoder starts with counted, as in
  // Hugging Face `generate`; 2 to ModelInfo::max_target_tokens + 1.
  std::optional<std::size_t> max_length = {};
  // The same without what the decoder starts with: one less. Not both.
  std::optional<std::size_t> max_new_tokens = {};
  // Of models with many languages: what the text is in, and what to translate
  // it into, by the codes of ModelInfo::languages. Empty: what the folder says,
  // for the target often nothing, which is an error.
  std::string source_language = {};
  std::string target_language = {};
};

}  // namespace tessera

#endif  // TESSERA_OPTIONS_H_
