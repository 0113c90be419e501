// How a model is loaded, how a text is translated, and the limits of both.
//
// Options are set by name, {.beam_size = 4}, and are compiled into the caller:
// new ones are added at the end, in releases that change the minor version.
#ifndef TESSERA_OPTIONS_H_
#define TESSERA_OPTIONS_H_

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>

namespace tessera {

inline constexpr std::size_t kMaxThreads = 1024;
inline constexpr std::size_t kMaxBatchSize = 4096;
inline constexpr std::size_t kMaxBeamSize = 64;
// Beyond it length^length_penalty leaves the range of float32.
inline constexpr double kMaxLengthPenalty = 10;
// Of one text, or of one sentence where texts are split. It is a hundred times
// what a model with 512 positions can read; tokenising takes time that grows
// faster than the text.
inline constexpr std::size_t kMaxTextBytes = std::size_t{64} << 10;
// A text of more is not split. Each takes some kilobytes until all are done.
inline constexpr std::size_t kMaxSentences = 16384;

// Type of weights and products.
enum class Precision {
  kAuto,  // the fastest on this CPU that keeps the quality of float32, or what
          // a folder made by `tessera pack` was made for
  kF32,   // float32: the outputs of Hugging Face Transformers
  kBf16,  // bfloat16, half of the memory; states too where a CPU multiplies
          // them fast, sums always float32
  kInt8,  // 8-bit integers, a scale for every output of a matrix and, while
          // translating, for every row of states; a quarter of the memory
};

// Into what a text is cut before it is translated.
enum class TextSplit {
  kNone,       // nothing: the model reads it whole
  kSentences,  // its sentences (Unicode Standard Annex 29, abbreviations
               // known); lines end them. Each is translated by itself, and they
               // are put together again with all that stood between and round
               // them.
};

// How a model is loaded. The defaults are the fast ones.
struct LoadOptions {
  // Threads for all translations of this Translator together, up to
  // kMaxThreads; 0: as many as CPU affinity and the cgroup quota allow.
  std::size_t threads = 0;
  Precision precision = Precision::kAuto;
  // Texts that one thread decodes together: 1 to kMaxBatchSize.
  std::size_t batch_size = 32;
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
  // A text with more tokens than the model reads: false gives
  // ErrorKind::kTooLong, true cuts it as Hugging Face's truncation=True does,
  // to model_max_length of tokenizer_config.json and to the model's positions,
  // whichever is less. The text's last tokens go, or its first where
  // truncation_side says so; control tokens and languages round them stay.
  bool truncate = false;
  // What a text is cut into; kMaxTextBytes and the model's positions then limit
  // each part. Not set: as generation_config.json says by "split": "none" or
  // "sentences"; "none" where it says nothing.
  std::optional<TextSplit> split = {};
  // Tells of each output which source tokens its tokens look at: the weights of
  // cross-attention, of a layer (from 0, below ModelInfo::decoder_layers; not
  // set: the mean of all) and a head of it (below decoder_heads; the same). It
  // takes another pass of the model an output.
  bool alignments = false;
  std::optional<std::size_t> alignment_layer = {};
  std::optional<std::size_t> alignment_head = {};
  // How long after it was handed in a text may be translated, above 0; after
  // that it is given up as one whose stop was requested, with
  // ErrorKind::kTimeLimit. Not set: without end.
  std::optional<std::chrono::milliseconds> time_limit = {};
  // Has the model read texts with punctuation as Moses' normalize-punctuation
  // leaves it, for models that were trained on such: for source_language, or
  // English.
  bool normalize = false;
};

}  // namespace tessera

#endif  // TESSERA_OPTIONS_H_
