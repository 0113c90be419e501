// Options of the public API, checked and completed.
#ifndef TESSERA_ENGINE_REQUEST_RESOLVE_OPTIONS_H_
#define TESSERA_ENGINE_REQUEST_RESOLVE_OPTIONS_H_

#include <tessera/options.h>

#include <cstddef>

#include "engine/search/search_options.h"
#include "engine/worker/batch.h"
#include "models/model.h"

namespace tessera::engine {

// What a search is to do: the caller's options, the model's generation
// defaults where there is none. Throws Error, naming the option, for
//   beam_size       outside 1 to kMaxBeamSize
//   length_penalty  not a number from -kMaxLengthPenalty to kMaxLengthPenalty
//   max_length      outside 2 to max_target_tokens + 1: the last token of an
//                   output is not read, so it needs no position
//   max_new_tokens  outside 1 to max_target_tokens, or beside max_length
SearchOptions Resolve(const TranslateOptions& options,
                      const models::ModelInfo& model);

// Throws Error, naming the option, for
//   threads     above kMaxThreads
//   precision   that is none
//   batch_size  outside 1 to kMaxBatchSize
void Check(const LoadOptions& options);

// Room for batch_size sentences of the model's beam size, or of 4 beams, and at
// least for one of kMaxBeamSize. Sentences with more beams make smaller
// batches.
Room BatchCapacity(std::size_t batch_size, const SearchOptions& defaults);

}  // namespace tessera::engine

#endif  // TESSERA_ENGINE_REQUEST_RESOLVE_OPTIONS_H_
