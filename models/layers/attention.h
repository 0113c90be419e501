// The projections of attention blocks.
#ifndef TESSERA_MODELS_LAYERS_ATTENTION_H_
#define TESSERA_MODELS_LAYERS_ATTENTION_H_

#include <cstddef>
#include <string>
#include <vector>

#include "kernels/gemm/packed_matrix.h"
#include "models/layers/stack_shape.h"
#include "models/weights/matrix_source.h"

namespace tessera::models {

// Self-attention: queries, keys and values of the same states, in one product.
struct SelfAttentionWeights {
  SelfAttentionWeights(WeightReader& reader, const std::string& prefix,
                       const StackShape& shape);

  kernels::PackedMatrix qkv;  // [H K + H K + H C, D]: queries, keys, values
  std::vector<float> score;   // f32 [H, K] of additive scores, else empty

  std::size_t bytes() const { return qkv.bytes(); }
};

// Cross-attention: keys and values of the encoder's states, once a sentence.
struct CrossAttentionWeights {
  CrossAttentionWeights(WeightReader& reader, const std::string& prefix,
                        const StackShape& shape);

  kernels::PackedMatrix q;   // [H K, D]
  kernels::PackedMatrix kv;  // [H K + H C, D]: keys, values
  std::vector<float> score;  // f32 [H, K] of additive scores, else empty

  std::size_t bytes() const { return q.bytes() + kv.bytes(); }
};

// W^O in rows f32 [D, H C], however the heads are stored. PREFIX.out_proj.
std::vector<float> ReadOutputProjection(WeightReader& reader,
                                        const std::string& prefix,
                                        const StackShape& shape);

}  // namespace tessera::models

#endif  // TESSERA_MODELS_LAYERS_ATTENTION_H_
