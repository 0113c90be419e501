// The work of one attention call, cut into tiles for the threads.
#ifndef TESSERA_KERNELS_ATTENTION_TASKS_H_
#define TESSERA_KERNELS_ATTENTION_TASKS_H_

#include <cstddef>
#include <span>

#include "kernels/attention/attention.h"
#include "kernels/bf16.h"

namespace tessera::kernels {

// Distances in a pool of keys or values, in elements.
struct PoolStrides {
  std::size_t head;   // from one head's block to the next head's
  std::size_t block;  // from one block of 16 positions to the next
  std::size_t row;    // from one position to the next; values only
};

// Everything the tiles of one call have in common.
struct AttentionCall {
  const AttentionShape& shape;
  Rows<const float> queries;
  std::span<const AttentionSequence> sequences;
  Rows<float> out;
  PoolStrides keys;
  PoolStrides values;
  const float* score_weights = nullptr;  // f32 [H, K]: additive scores
  // Keys and values are bf16, and queries are these if there are any.
  bool bf16 = false;
  Rows<const Bf16> bf16_queries = {};
};

// Runs all tiles, on the threads of the context.
void RunAttention(const AttentionCall& call, ExecContext& context);

}  // namespace tessera::kernels

#endif  // TESSERA_KERNELS_ATTENTION_TASKS_H_
