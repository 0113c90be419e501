// Multi-branch attention: every head has a feed-forward block of its own.
//
// models/README.md has the formulas of the three forms. Work space is given by
// the caller: `work` holds work_floats() f32.
#ifndef TESSERA_MODELS_LAYERS_BRANCHES_H_
#define TESSERA_MODELS_LAYERS_BRANCHES_H_

#include <cstddef>
#include <string_view>
#include <vector>

#include "kernels/activation/activation.h"
#include "kernels/context.h"
#include "kernels/gemm/packed_matrix.h"
#include "kernels/views.h"
#include "models/layers/norm.h"
#include "models/layers/stack_shape.h"
#include "models/weights/matrix_source.h"

namespace tessera::models {

// All f32, matrices in rows [out, in]. A branch is a head.
struct BranchWeights {
  // The feed-forward block of one branch, or of all.
  struct Block {
    std::vector<float> in, in_bias;              // [f, D], [f]
    std::vector<float> out, out_bias;            // [D, f], [D]
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
  std::vector<float> output_bias = {};  // [H, D]; empty, too
  std::vector<Block> blocks = {};       // [H], or one that all share

  const Block& block(std::size_t head) const {
    return blocks[blocks.size() == 1 ? 0 : head];
  }
  // Columns [h C, (h + 1) C) of W^O, times kappa[h]: [D, C].
  std::vector<float> ScaledOutput(std::size_t head) const;
  // The bias of head h times kappa[h]: [D].
  std::vector<float> ScaledOutputBias(std::size_t head) const;
};

// The branches of a layer with W^O of its attention block of that name, which
// is empty where the branches don't begin with the outputs of heads.
BranchWeights ReadBranches(const MatrixSource& layer,
                           std::string_view attention, const StackShape& shape);

// The paper's: sum_h alpha_h FFN_h(kappa_h (W_h head_h + b_h)).
//
// No function stands between W_h and in_h, nor between out_h and the sum, so
// that loading makes one matrix A_h = kappa_h in_h W_h of the former two, and
// alpha_h is part of out_h:
//
//   hidden_h = act(A_h head_h + c_h)         a block-diagonal product
//   y        = sum_h out'_h hidden_h + b'    one dense product
//
// For 8 branches of D = 512, F = 2,048 these are half of the multiplications.
// With one block for all, the hidden values are summed in place of the
// outputs of `out`. Source: Ahmed et al. 2017, arXiv:1711.02132, equations 5
// to 7.
class WeightedBranches {
 public:
  explicit WeightedBranches(const BranchWeights& weights);

  std::size_t work_floats() const;

  // heads f32 [rows, H C] to y f32 [rows, D].
  void Apply(kernels::Rows<const float> heads, float* work,
             kernels::Rows<float> y, kernels::ExecContext& context) const;

  std::size_t bytes() const;

 private:
  bool shared() const { return !alpha_.empty(); }
  void SumHidden(kernels::Rows<const float> heads, float* work,
                 kernels::Rows<float> sum, kernels::ExecContext& context) const;

  std::vector<kernels::PackedMatrix> first_;  // A_h [f, C] with c_h, by head
  kernels::PackedMatrix second_;              // [D, H f], shared: [D, f]
  std::vector<float> alpha_;                  // [H] if shared, else empty
  kernels::Activation activation_;
};

// JayParks' forms: y_h = kappa_h (W_h head_h + b_h), or kappa_h x at 667faad;
// then sum_h alpha_h LN_h(y_h + FFN_h(y_h)). kappa_h is part of W_h and b_h,
// alpha_h of the weights of LN_h.
class NormalisedBranches {
 public:
  explicit NormalisedBranches(const BranchWeights& weights);

  std::size_t work_floats() const;

  // Heads f32 [rows, H C], or at 667faad x f32 [rows, D], to y f32 [rows, D],
  // which may not be x.
  void Apply(kernels::Rows<const float> input, float* work,
             kernels::Rows<float> y, kernels::ExecContext& context) const;

  std::size_t bytes() const;

 private:
  struct Block {
    kernels::PackedMatrix in, out;  // [f, D], [D, f]
  };
  const Block& block(std::size_t head) const {
    return blocks_[blocks_.size() == 1 ? 0 : head];
  }
  void Scale(kernels::Rows<const float> input, std::size_t head,
             kernels::Rows<float> y, kernels::ExecContext& context) const;

  std::vector<kernels::PackedMatrix> output_;  // kappa_h W_h [D, C]; 667faad: -
  std::vector<float> kappa_;                   // [H], for 667faad
  std::vector<Block> blocks_;                  // [H], or one
  std::vector<LayerNorm> norms_;               // [H]
  std::size_t width_, hidden_width_;
  kernels::Activation activation_;
};

}  // namespace tessera::models

#endif  // TESSERA_MODELS_LAYERS_BRANCHES_H_
