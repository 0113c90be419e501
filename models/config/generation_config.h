// How a model folder wants its outputs searched: the options of Hugging Face's
// generate() that change a result.
#ifndef TESSERA_MODELS_CONFIG_GENERATION_CONFIG_H_
#define TESSERA_MODELS_CONFIG_GENERATION_CONFIG_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "models/files/model_folder.h"

namespace tessera::models {

enum class EarlyStopping {
  kHeuristic,  // false: no running beam can win at the current length
  kFirst,      // true: as soon as num_beams hypotheses are finished
  kNever,      // "never": no running beam can win at any length
  kTopBeam,    // "top_beam": the best beam ends, and all others with it
};

// What a beam's sum of log-probabilities is divided by; n is its tokens without
// the start token, p the length penalty.
enum class LengthPenaltyForm {
  kPower,  // "power": n^p
  kGnmt,   // "gnmt": ((5 + n) / 6)^p, arXiv:1609.08144, equation 14
};

// What a sequence of tokens is worth: added to the score of its last token
// where an output ends with the others.
struct SequenceBias {
  std::vector<std::int32_t> tokens;  // at least one
  double bias = 0;
};

// From the length start on, the prompt not counted, an EOS with the score s
// gets s + |s| * (factor^n - 1) at n tokens more.
struct LengthDecay {
  std::size_t start = 0;
  double factor = 1;
};

// What texts are cut into before they are encoded.
enum class TextSplit {
  kNone,       // "none": nothing
  kSentences,  // "sentences": for models that were trained on single ones
};

// Resolved options. Lengths count the whole output: start token, tokens, EOS.
struct GenerationConfig {
  std::size_t num_beams = 1;
  // Outputs of a request, the best; nothing: all that the search has found.
  std::optional<std::size_t> num_return_sequences;
  std::size_t num_beam_groups = 1;
  // What a token loses in a group for every beam of the groups before it that
  // has taken it in the same step.
  double diversity_penalty = 0;
  std::size_t max_length = 21;
  std::size_t min_length = 0;
  // As written in the file, without the start token; max_length and min_length
  // already follow from them.
  std::optional<std::size_t> max_new_tokens;
  std::optional<std::size_t> min_new_tokens;
  double length_penalty = 1.0;
  LengthPenaltyForm length_penalty_form = LengthPenaltyForm::kPower;
  EarlyStopping early_stopping = EarlyStopping::kHeuristic;
  bool renormalize_logits = false;  // log-softmax once more after all edits

  bool do_sample = false;  // tokens are drawn; from which, if they are:
  double temperature = 1;
  std::size_t top_k = 50;  // 0: all
  double top_p = 1;
  std::optional<double> min_p;
  double typical_p = 1;
  double epsilon_cutoff = 0;
  double eta_cutoff = 0;

  std::vector<std::int32_t> eos_token_ids;  // at least one
  std::int32_t pad_token_id = 0;
  std::int32_t decoder_start_token_id = 0;
  std::optional<std::int32_t> bos_token_id;

  std::optional<std::int32_t> forced_bos_token_id;  // first after the start
  std::vector<std::int32_t> forced_eos_token_ids;   // at max_length - 1
  // Sequences whose last token is impossible after the ones before it. An
  // entry that is an EOS alone has been dropped.
  std::vector<std::vector<std::int32_t>> bad_words_ids;
  // Runs of tokens this long are in an output once, and not in it at all if the
  // source has them; 0: no such rule.
  std::size_t no_repeat_ngram_size = 0;
  std::size_t encoder_no_repeat_ngram_size = 0;
  std::vector<std::int32_t> suppress_tokens;        // impossible everywhere
  std::vector<std::int32_t> begin_suppress_tokens;  // impossible at the start
  // What the score s of a token becomes that the output has already, its prompt
  // counted: s * penalty if s < 0, s / penalty if not. Of one that the source
  // has: the other way round.
  double repetition_penalty = 1;
  double encoder_repetition_penalty = 1;
  std::vector<SequenceBias> sequence_bias;
  std::optional<LengthDecay> length_decay;
  TextSplit split = TextSplit::kNone;
};

// What the options are checked against, and what an architecture's class in
// Transformers fills in for keys that config.json leaves out.
struct GenerationContext {
  std::size_t vocab_size = 0;     // of the output
  std::size_t max_positions = 0;  // of the decoder
  std::optional<std::int32_t> pad_token_id;
  std::optional<std::int32_t> eos_token_id;
  std::optional<std::int32_t> decoder_start_token_id;
  std::optional<std::int32_t> forced_eos_token_id;
  std::optional<std::int32_t> bos_token_id = {};
  std::optional<std::int32_t> forced_bos_token_id = {};
  std::size_t encoder_no_repeat_ngram_size = 0;
};

// Reads the options of a Hugging Face folder as Transformers 4.57 does:
//
// - They come from generation_config.json alone, or from config.json and the
//   class defaults where the former is absent. Exception: when the former says
//   "_from_model_config" and config.json sets some option to another value
//   than the class default, config.json is taken as a whole.
// - null is the same as an absent key, except that it also switches off a class
//   default and, in generation_config.json, top_k.
// - max_new_tokens counts from the start token and wins over max_length; a
//   max_length of 20, Transformers' default, means 20 new tokens, cut to
//   max_positions. The same for the minimum.
// - The start token falls back to BOS, the padding to the first EOS.
//
// Beyond those, for every architecture: "early_stopping": "top_beam",
// "length_penalty_form": "power" or "gnmt", and "split": "none" or "sentences".
// Transformers does not know them.
//
// Other than there: max_length is cut to max_positions + 1, the longest output
// whose every input has a position (Transformers fails when it gets there); an
// absent EOS is an error instead of output that never ends.
//
// Throws tessera::Error for values of the wrong type or range, ids outside the
// vocabulary, and any option that would change results and is not supported
// yet (guidance_scale: 2), unless the folder's policy is to warn of that,
// naming file, key and value. Unknown keys are ignored.
GenerationConfig ReadGenerationConfig(const ModelFolder& folder,
                                      const GenerationContext& context);

}  // namespace tessera::models

#endif  // TESSERA_MODELS_CONFIG_GENERATION_CONFIG_H_
