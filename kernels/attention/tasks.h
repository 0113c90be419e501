// The work of one attention call, cut into tiles for the threads.
#ifndef TESSERA_KERNELS_ATTENTION_TASKS_H_
#define TESSERA_KERNELS_ATTENTION_TASKS_H_

#include <cstddef>
#include <span>

#include "kernels/attention/shape.h"
#include "kernels/context.h"
#include "kernels/profile.h"

namespace tessera::kernels {

// What attention keeps in the context for all threads.
enum SharedSlot : std::size_t {
  kPackedKeys,
  kPreparedKeys,
  kPackedValues,
  kPartialResults
};

// Distances in a pool of keys or values.
struct PoolStrides {
  std::size_t head_bytes;   // from one head's block to the next head's
  std::size_t block_bytes;  // from one block to the next
  std::size_t row_bytes;    // of values: from a position, in bf16 a pair, to
                            // the next
};

// Everything the tiles of one call have in common.
struct AttentionCall {
  const AttentionShape& shape;
  TypedRows queries;
  std::span<const AttentionSequence> sequences;
  Rows<float> out;
  ElementType type;  // of keys and values
  PoolStrides keys;
  PoolStrides values;
};

// What an operation does in all, of keys that lengths and order let it see.
Cost CostOf(const AttentionShape& shape,
            std::span<const AttentionSequence> sequences, ElementType type);

// Runs all tiles, on the threads of the context.
void RunAttention(const AttentionCall& call, ExecContext& context);

}  // namespace tessera::kernels

#endif  // TESSERA_KERNELS_ATTENTION_TASKS_H_
