// Loads the projections of attention blocks.
#include "models/layers/attention.h"

#include "models/layers/linear.h"

namespace tessera::models {

SelfAttentionWeights::SelfAttentionWeights(WeightReader& reader,
                                           const std::string& prefix,
                                           std::size_t width)
    : qkv(LoadLinear(
          reader, {prefix + ".q_proj", prefix + ".k_proj", prefix + ".v_proj"},
          width, width)),
      out(LoadLinear(reader, {prefix + ".out_proj"}, width, width)) {}

CrossAttentionWeights::CrossAttentionWeights(WeightReader& reader,
                                             const std::string& prefix,
                                             std::size_t width)
    : q(LoadLinear(reader, {prefix + ".q_proj"}, width, width)),
      kv(LoadLinear(reader, {prefix + ".k_proj", prefix + ".v_proj"}, width,
                    width)),
      out(LoadLinear(reader, {prefix + ".out_proj"}, width, width)) {}

}  // namespace tessera::models
