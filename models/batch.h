// What goes through a model: sentences of ids, encoder states, rows of a step.
#ifndef TESSERA_MODELS_BATCH_H_
#define TESSERA_MODELS_BATCH_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "kernels/aligned_buffer.h"
#include "kernels/views.h"

namespace tessera::models {

// B sentences of token ids, one after another, without padding.
struct TokenBatch {
  std::span<const std::int32_t> ids;      // [sum S]
  std::span<const std::int32_t> offsets;  // [B + 1]: sentence b is
                                          // ids[offsets[b], offsets[b + 1])
  std::size_t size() const { return offsets.empty() ? 0 : offsets.size() - 1; }
};

// The encoder's output for a TokenBatch.
struct EncoderStates {
  kernels::AlignedBuffer<float> states;    // f32 [sum S, D]
  std::vector<std::int32_t> offsets;       // [B + 1]; a model may have added
                                           // tokens of its own to a sentence
  std::vector<std::uint8_t> visible = {};  // [sum S]: 0 hides a token from the
                                           // decoder; empty: none is hidden
};

// One row of a decoding step: a beam that reads on. The rows of a step say all
// there is to say about the cache: a row of the previous step that is nobody's
// parent is released, one with several children is shared.
struct StepRow {
  std::int32_t sentence;  // its slot; rows of one sentence stand together
  std::int32_t parent;  // row of the previous step it continues; -1: it starts
  // What it reads, at the positions after its parent's: one token of a search,
  // the whole of a prompt or of an output that is known.
  std::span<const std::int32_t> tokens;
};

// The decoder's output for the rows of a step that read T tokens in all.
struct StepStates {
  kernels::Rows<const float> tokens;  // f32 [T, D], row by row
  kernels::Rows<const float> last;    // f32 [rows, D]: of each row's last token
};

}  // namespace tessera::models

#endif  // TESSERA_MODELS_BATCH_H_
