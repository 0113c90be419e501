// Which source tokens the tokens of an output look at.
#ifndef TESSERA_ENGINE_WORKER_ALIGNMENT_H_
#define TESSERA_ENGINE_WORKER_ALIGNMENT_H_

#include <tessera/translation.h>

#include <cstdint>
#include <span>
#include <vector>

#include "engine/search/search_options.h"
#include "models/model.h"

namespace tessera::engine {

// What was read and written.
struct AlignedText {
  std::span<const std::int32_t> source;
  std::span<const std::int32_t> prompt;  // of the decoder, at least one token
};

// Gives outputs of a text their attention and alignment, by one more pass of
// the model each. Returns the source tokens with those that the model has
// added. Throws Error.
std::vector<std::int32_t> Align(const AlignedText& text,
                                const AlignmentChoice& choice,
                                const models::Model& model,
                                std::span<Hypothesis> outputs,
                                kernels::ExecContext& context);

}  // namespace tessera::engine

#endif  // TESSERA_ENGINE_WORKER_ALIGNMENT_H_
