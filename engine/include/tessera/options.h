// How a model is loaded, how a text is translated, and the limits of both.
//
// Options are set by name, {.beam_size = 4}, and are compiled into the caller:
// new ones are added at the end, in releases that change the minor version.
#ifndef TESSERA_OPTIONS_H_
#define TESSERA_OPTIONS_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace tessera {

inline constexpr std::size_t kMaxThreads = 1024;
inline constexpr std::size_t kMaxBatchSize = 4096;
inline constexpr std::size_t kMaxBeamSize = 64;
// Beyond it length^length_penalty leaves the range of float32.
inline constexpr double kMaxLengthPenalty = 10;
// Repetition penalties and factors of a length decay: from its inverse to it.
inline constexpr double kMaxPenalty = 100;
// The largest temperature, and the inverse of the smallest.
inline constexpr double kMaxTemperature = 100;
inline constexpr double kMaxCoveragePenalty = 100;
inline constexpr std::size_t kMaxRequiredWords = 16;
inline constexpr std::size_t kMaxRequiredTokens = 64;
// Biases of sequences, either way.
inline constexpr double kMaxBias = 10000;
// Of one text, or of one sentence where texts are split. It is a hundred times
// what a model with 512 positions can read; tokenising takes time that grows
// faster than the text.
inline constexpr std::size_t kMaxTextBytes = std::size_t{64} << 10;
// A text of more is not split. Each takes some kilobytes until all are done.
inline constexpr std::size_t kMaxSentences = 16384;

// Type of weights and products. Below float32 the decoder keeps its keys and
// values, and those of the source, in bfloat16 (ModelInfo::cache_type).
enum class Precision {
  kAuto,  // the fastest on this CPU that keeps the quality of float32, or what
          // a folder made by `tessera pack` was made for
  kF32,   // float32: the outputs of Hugging Face Transformers
  kBf16,  // bfloat16, half of the memory; states too where a CPU multiplies
          // them fast, sums always float32
  kInt8,  // 8-bit integers, a scale for every output of a matrix and, while
          // translating, for every row of states; a quarter of the memory
};

// Expressions of TranslateOptions::keep.
inline constexpr std::size_t kMaxKeepPatterns = 64;

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
  // Whether to go on without generation options of the folder that change
  // outputs and are not supported yet: ModelInfo::warnings names them. They are
  // an error otherwise.
  bool ignore_unsupported = false;
  // What weights and work space may take, in bytes; a sentence that would need
  // more fails, and so does loading. 0: as much as the machine and the cgroup
  // have left, and at most 1 GiB, 4 times the weights and 8 MiB for each of
  // threads * batch_size sentences: enough for published models, while sizes in
  // a file can ask for a thousand times its bytes.
  std::size_t memory_bytes = 0;
  // A file of lexical translations in the model's tokens, a line each: "TARGET
  // SOURCE PROBABILITY", as Marian's --shortlist has them in text and
  // tools/train/lexical_table.py learns them. Each token of an output is then
  // chosen from a list of its source's own: for each of the source's tokens its
  // shortlist_best most probable targets, and the token itself where the target
  // vocabulary has it; as frequent ones ids below shortlist_first and as many
  // targets of NULL; control tokens; what options of the text force or require.
  // All others are impossible, and scores are log-probabilities among these.
  // Score() knows nothing of it. Faster, for the less probable translations
  // that it loses: engine/README.md has figures. Empty: the whole vocabulary.
  std::string shortlist = {};
  std::size_t shortlist_first = 100;
  std::size_t shortlist_best = 100;  // 1 or more
};

// When a beam search ends: Hugging Face's early_stopping.
enum class EarlyStopping : std::uint8_t {
  kHeuristic,  // false: no running beam can win at its present length
  kFirst,      // true: as soon as there are beam_size outputs
  kNever,      // "never": no running beam can win at any length
  kTopBeam,    // "top_beam": the best beam ends, and all others with it
};

// Makes a sequence of tokens more likely (bias > 0) or less: its last token
// gets `bias` on its score where an output ends with the tokens before it.
struct SequenceBias {
  std::vector<std::int32_t> tokens;  // at least one
  double bias = 0;                   // from -kMaxBias to kMaxBias
};

// Raises (factor > 1) the score s of an end-of-sentence n tokens after `start`
// to s + |s| * (factor^n - 1). Tokens of the prompt do not count.
struct LengthDecay {
  std::size_t start = 0;
  double factor = 1;  // 1 / kMaxPenalty to kMaxPenalty
};

// How a text is translated. What is not set comes from the model's
// generation_config.json. Tokens are ids of the target vocabulary. Scores are
// logits in greedy search and log-probabilities in beam search.
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

  // How many outputs, the best: 1 to beam_size; not set, nor by the model: all
  // that the search has found, up to beam_size.
  std::optional<std::size_t> n_best = {};
  std::optional<EarlyStopping> early_stopping = {};
  // No end-of-sentence before an output has so many tokens, what the decoder
  // starts with counted or not; up to max_target_tokens + 1. Not both.
  std::optional<std::size_t> min_length = {};
  std::optional<std::size_t> min_new_tokens = {};
  // The score s of a token that the output has already, or that the source has,
  // becomes s / penalty if it is positive and s * penalty if not (for the
  // source the other way round); 1 / kMaxPenalty to kMaxPenalty, 1: no change.
  std::optional<double> repetition_penalty = {};
  std::optional<double> encoder_repetition_penalty = {};
  // No run of so many tokens twice in an output, or none of the source's in it;
  // 0: no such rule, up to max_target_tokens + 1, or max_source_tokens.
  std::optional<std::size_t> no_repeat_ngram_size = {};
  std::optional<std::size_t> encoder_no_repeat_ngram_size = {};
  // Sequences that an output must not have.
  std::optional<std::vector<std::vector<std::int32_t>>> bad_words = {};
  std::optional<std::vector<SequenceBias>> sequence_bias = {};
  // Tokens that no output has, or has at its beginning.
  std::optional<std::vector<std::int32_t>> suppress_tokens = {};
  std::optional<std::vector<std::int32_t>> begin_suppress_tokens = {};
  // The first token after the start token, and the one at max_length.
  std::optional<std::int32_t> forced_first_token = {};
  std::optional<std::int32_t> forced_last_token = {};
  std::optional<LengthDecay> length_decay = {};
  // Whether the scores of beam search become log-probabilities again after all
  // these changes.
  std::optional<bool> renormalize_logits = {};

  // Draws each token by its probability; of a beam search, its continuations.
  // With one beam n_best draws as many outputs, up to kMaxBeamSize. A seed
  // gives a text the same outputs in any batch and with any number of threads;
  // other texts, and other outputs of n_best, draw other numbers. log_probs and
  // scores are those before the options below, in beam search those after them.
  std::optional<bool> sample = {};
  std::uint64_t seed = 0;
  // From which tokens, in this order; not without `sample`; by default as in the
  // model's folder. temperature: 1 / kMaxTemperature to kMaxTemperature.
  std::optional<double> temperature = {};
  std::optional<std::size_t> top_k = {};  // the highest k; 0: all; default 50
  std::optional<double> top_p = {};       // those that reach p; above 0 to 1
  // Those of at least min_p times the highest probability; 0 to 1.
  std::optional<double> min_p = {};
  // Those nearest to the entropy that reach p; above 0 to 1.
  std::optional<double> typical_p = {};
  // Those of that probability, or of min(eta, sqrt(eta) * exp(-entropy)); 0: no
  // such rule, below 1.
  std::optional<double> epsilon_cutoff = {};
  std::optional<double> eta_cutoff = {};

  // Tokens that every output begins with, behind what the decoder starts with
  // and a first token that is forced. The decoder reads them in one pass. They
  // count for lengths as what it starts with does, and not for scores; in ids,
  // pieces and text they are there, in log_probs with what the model gives
  // them over its whole vocabulary, whatever other options say.
  std::vector<std::int32_t> target_prefix = {};
  // The same as text. Not both.
  std::string target_prefix_text = {};

  // Outputs of which each begins, behind target_prefix, with another token: the
  // best one, the second best and so on. They go on as in greedy search. 1 to
  // kMaxBeamSize; not with n_best, sample, or more beams than one.
  std::optional<std::size_t> alternatives = {};

  // Beams in so many groups of the same size, a divisor of beam_size. Each
  // group is a beam search; what the groups before it take in a step loses
  // diversity_penalty on its scores: 0 to kMaxBias. Not with `sample`.
  std::optional<std::size_t> beam_groups = {};
  std::optional<double> diversity_penalty = {};

  // Runs of tokens that every output has somewhere, in any order: up to
  // kMaxRequiredWords, of kMaxRequiredTokens together. With two beams or more,
  // better with more than those tokens; not with sample or groups. A text that
  // has no such output within its greatest length fails.
  std::vector<std::vector<std::int32_t>> required_words = {};
  // More of them as texts, a run of tokens each: whole words.
  std::vector<std::string> required_texts = {};
  // More bad_words as texts: whole words.
  std::vector<std::string> bad_texts = {};

  // What a text is cut into; kMaxTextBytes and the model's positions then limit
  // each part. Not set: as generation_config.json says by "split": "none" or
  // "sentences"; "none" where it says nothing, and with target_prefix,
  // required_words and alternatives, beside which kSentences is refused.
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

  // Takes off the score of an output of beam search, as it ends and after the
  // length penalty, what it has left of its source:
  //   coverage_penalty * sum_i log(min(1, c_i))
  // where c_i is the attention that source token i has got from all that the
  // decoder has read, the start token and a prefix included: weights of
  // cross-attention, the mean of the last layer's heads. Tokens without any are
  // hidden ones and do not count. 0 (off) to kMaxCoveragePenalty; 0.2 is usual.
  // Not with one beam or EarlyStopping::kTopBeam.
  double coverage_penalty = 0;
  // Puts in the texts of outputs, for each unknown token, the word of the
  // source that it looks at most: by the weights that `alignments` tell of,
  // alignment_layer and alignment_head included. What the source's tokenizer
  // has no token for is copied as it stands. ids and pieces stay. It takes
  // another pass of the model an output that has such a token.
  bool replace_unknown = false;
  // Regular expressions, ICU's, of what outputs have unchanged and as often as
  // the text has it: up to kMaxKeepPatterns of 10,000 bytes each; a text that
  // one takes too long to search fails. Not with target_prefix, required_words
  // and alternatives. Where the search loses a span, a beam search for
  // required_words follows; where that has none either, what stands between
  // the spans is translated by itself (its parts are `sentences`), or in the
  // end the text stays as it is. Outputs of n_best that lack a span are left
  // out. Of spans that were copied there are no ids, pieces or log_probs.
  std::vector<std::string> keep = {};
  // Whether placeholders (%s, %1$s, %(name)s, {name}, ${x}, $1), tags, URLs and
  // addresses of mail are to be kept, too; then outputs have no others, and
  // %s, %d and {} stay in their order, tags nested. Prices as "$5" stay as they
  // are. Not set: no.
  std::optional<bool> keep_placeholders = {};
};

}  // namespace tessera

#endif  // TESSERA_OPTIONS_H_
