// What one search is asked to do, and the options of the public API it comes
// from, checked and completed.
#ifndef TESSERA_ENGINE_SEARCH_SEARCH_OPTIONS_H_
#define TESSERA_ENGINE_SEARCH_SEARCH_OPTIONS_H_

#include <tessera/options.h>

#include <cstddef>
#include <optional>

#include "engine/search/random_draw.h"
#include "engine/search/warpers.h"
#include "models/model.h"

namespace tessera::engine {

struct SamplingOptions {
  WarperOptions warpers;
  // Of the seed; a batch adds what the request reads.
  DrawKey key = DrawKey(0);
};

struct SearchOptions {
  std::size_t beam_size = 1;  // 1: greedy search
  // Outputs, the best; nothing: all that were found, one of sampling.
  std::optional<std::size_t> n_best = {};
  // Beams in groups of the same size, and what a token loses in one for every
  // beam of the groups before it that has taken it.
  std::size_t beam_groups = 1;
  double diversity_penalty = 0;
  // What every output has somewhere.
  std::vector<std::vector<std::int32_t>> required_words = {};
  // Outputs of a greedy search that begin with the best tokens; one a token.
  std::optional<std::size_t> alternatives = {};
  // Tokens are drawn; of a beam search, its continuations.
  std::optional<SamplingOptions> sampling = {};
  double length_penalty = 1;
  double coverage_penalty = 0;
  models::LengthPenaltyForm length_penalty_form =
      models::LengthPenaltyForm::kPower;
  models::EarlyStopping early_stopping = models::EarlyStopping::kHeuristic;
  // Longest output, the decoder's prompt counted; above that of the prompt.
  std::size_t max_length = 2;
  // Longest output without the prompt. Where it is set, max_length follows from
  // it as soon as the prompt is known.
  std::optional<std::size_t> max_new_tokens = {};
  // What every output begins with.
  std::vector<std::int32_t> prefix = {};

  // Rows that the search can come to.
  std::size_t rows() const {
    if (beam_size > 1) return beam_size;
    return sampling ? n_best.value_or(1) : alternatives.value_or(1);
  }
};

// What a search is to do: the caller's options, the model's generation
// defaults where there is none. Throws Error, naming the option, for
//   what Merge() refuses
//   max_length      outside 2 to max_target_tokens + 1: the last token of an
//                   output is not read, so it needs no position
//   max_new_tokens  outside 1 to max_target_tokens, or beside max_length
SearchOptions Resolve(const TranslateOptions& options,
                      const models::ModelInfo& model);

// Whose attention tells what the tokens of an output look at: a layer, all;
// a head, all.
struct AlignmentChoice {
  std::optional<std::size_t> layer = {};
  std::optional<std::size_t> head = {};
};

// What options say of it. Throws Error for a layer or head that the model
// lacks.
AlignmentChoice ResolveAlignment(const TranslateOptions& options,
                                 const models::ModelInfo& model);

// The option that says something of a text's output as a whole, if there is
// one; its words as ids.
const char* OptionOfWholeText(const TranslateOptions& options);

// Throws Error for a time limit that is not above 0.
void CheckTimeLimit(const TranslateOptions& options);

// Whether texts are cut into sentences: never where an option says what their
// whole output is to have. Throws Error for a split that is none, or beside
// such an option.
bool Splits(const TranslateOptions& options, const models::ModelInfo& model);

// Throws Error, naming the option, for
//   threads     above kMaxThreads
//   precision   that is none
//   batch_size  outside 1 to kMaxBatchSize
//   shortlist_best  of 0
void Check(const LoadOptions& options);

}  // namespace tessera::engine

#endif  // TESSERA_ENGINE_SEARCH_SEARCH_OPTIONS_H_
