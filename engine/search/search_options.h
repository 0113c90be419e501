// What one search is asked to do, and the options of the public API it comes
// from, checked and completed.
#ifndef TESSERA_ENGINE_SEARCH_SEARCH_OPTIONS_H_
#define TESSERA_ENGINE_SEARCH_SEARCH_OPTIONS_H_

#include <tessera/options.h>

#include <cstddef>
#include <optional>

#include "models/model.h"

namespace tessera::engine {

struct SearchOptions {
  std::size_t beam_size = 1;  // 1: greedy search
  double length_penalty = 1;
  models::LengthPenaltyForm length_penalty_form =
      models::LengthPenaltyForm::kPower;
  models::EarlyStopping early_stopping = models::EarlyStopping::kHeuristic;
  // Longest output, the decoder's prompt counted; above that of the prompt.
  std::size_t max_length = 2;
  // Longest output without the prompt. Where it is set, max_length follows from
  // it as soon as the prompt is known.
  std::optional<std::size_t> max_new_tokens = {};
};

// What a search is to do: the caller's options, the model's generation
// defaults where there is none. Throws Error, naming the option, for
//   beam_size       outside 1 to kMaxBeamSize
//   length_penalty  not a number from -kMaxLengthPenalty to kMaxLengthPenalty
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

// What is wanted of alignments; nothing: none. Throws Error for a layer or head
// that the model lacks.
std::optional<AlignmentChoice> ResolveAlignment(const TranslateOptions& options,
                                                const models::ModelInfo& model);

// Throws Error for a time limit that is not above 0.
void CheckTimeLimit(const TranslateOptions& options);

// Whether texts are cut into sentences. Throws Error for a split that is none.
bool Splits(const TranslateOptions& options, const models::ModelInfo& model);

// Throws Error, naming the option, for
//   threads     above kMaxThreads
//   precision   that is none
//   batch_size  outside 1 to kMaxBatchSize
void Check(const LoadOptions& options);

}  // namespace tessera::engine

#endif  // TESSERA_ENGINE_SEARCH_SEARCH_OPTIONS_H_
