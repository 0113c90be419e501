// The weights of multi-branch attention as they are stored.
#ifndef TESSERA_MODELS_LAYERS_BRANCH_WEIGHTS_H_
#define TESSERA_MODELS_LAYERS_BRANCH_WEIGHTS_H_

#include <cstddef>
#include <string>
#include <vector>

#include "kernels/activation/activation.h"
#include "models/layers/stack_shape.h"
#include "models/weights/matrix_source.h"

namespace tessera::models {

// All f32, matrices in rows [out, in]. A branch is a head.
struct BranchWeights {
  // The feed-forward block of one branch, or of all.
  struct Block {
    std::vector<float> fc1, fc1_bias;            // [f, D], [f]
    std::vector<float> fc2, fc2_bias;            // [D, f], [D]
    std::vector<float> norm_scale, norm_offset;  // [D]; empty in the paper's
  };

  std::size_t heads = 0;         // H
  std::size_t width = 0;         // D
  std::size_t value_width = 0;   // C
  std::size_t hidden_width = 0;  // f, of one block
  kernels::Activation activation = kernels::Activation::kRelu;
  NormForm norm = {};
  std::vector<float> kappa = {}, alpha = {};  // [H]
  std::vector<float> output = {};       // W^O [D, H C]; empty in 667faad's
  std::vector<float> output_bias = {};  // [H, D]; empty: none
  std::vector<Block> blocks = {};       // [H], or one that all share

  const Block& block(std::size_t head) const {
    return blocks[blocks.size() == 1 ? 0 : head];
  }
  // Columns [h C, (h + 1) C) of W^O, times kappa[h]: [D, C].
  std::vector<float> ScaledOutput(std::size_t head) const;
  // The bias of head h times kappa[h], or zeros: [D].
  std::vector<float> ScaledOutputBias(std::size_t head) const;
};

// LAYER.branches.* and, where the heads' outputs go into the branches,
// ATTENTION.out_proj.*.
BranchWeights ReadBranches(WeightReader& reader, const std::string& layer,
                           const std::string& attention,
                           const StackShape& shape);

}  // namespace tessera::models

#endif  // TESSERA_MODELS_LAYERS_BRANCH_WEIGHTS_H_
