// The projections of attention blocks: what turns states into queries, keys,
// values and back.
#ifndef TESSERA_MODELS_LAYERS_ATTENTION_H_
#define TESSERA_MODELS_LAYERS_ATTENTION_H_

#include <cstddef>
#include <string>

#include "kernels/gemm/packed_matrix.h"
#include "models/layers/weight_reader.h"

namespace tessera::models {

// Self-attention: queries, keys and values of the same states, in one product.
struct SelfAttentionWeights {
  SelfAttentionWeights(WeightReader& reader, const std::string& prefix,
                       std::size_t width);

  kernels::PackedMatrix qkv;  // [3 D, D]: queries, keys, values
  kernels::PackedMatrix out;  // [D, D]

  std::size_t bytes() const { return qkv.bytes() + out.bytes(); }
};

// Cross-attention: keys and values of the encoder's states, once a sentence.
struct CrossAttentionWeights {
  CrossAttentionWeights(WeightReader& reader, const std::string& prefix,
                        std::size_t width);

  kernels::PackedMatrix q;    // [D, D]
  kernels::PackedMatrix kv;   // [2 D, D]: keys, values
  kernels::PackedMatrix out;  // [D, D]

  std::size_t bytes() const { return q.bytes() + kv.bytes() + out.bytes(); }
};

}  // namespace tessera::models

#endif  // TESSERA_MODELS_LAYERS_ATTENTION_H_
