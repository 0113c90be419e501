// The projections of attention blocks.
#ifndef TESSERA_MODELS_LAYERS_ATTENTION_H_
#define TESSERA_MODELS_LAYERS_ATTENTION_H_

#include <cstddef>
#include <vector>

#include "kernels/gemm/packed_matrix.h"
#include "models/layers/stack_shape.h"
#include "models/weights/matrix_source.h"

namespace tessera::models {

// Self-attention: queries, keys and values of the same states, in one product.
struct SelfAttentionWeights {
  SelfAttentionWeights(const MatrixSource& source, const StackShape& shape);

  kernels::PackedMatrix qkv;  // [H K + H K + H C, D]: queries, keys, values
  std::vector<float> score;   // f32 [H, K] of additive scores, else empty
};

// Cross-attention: keys and values of the encoder's states, once a sentence.
struct CrossAttentionWeights {
  CrossAttentionWeights(const MatrixSource& source, const StackShape& shape);

  kernels::PackedMatrix q;   // [H K, D]
  kernels::PackedMatrix kv;  // [H K + H C, D]: keys, values
  std::vector<float> score;  // f32 [H, K] of additive scores, else empty
};

}  // namespace tessera::models

#endif  // TESSERA_MODELS_LAYERS_ATTENTION_H_
