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
#include "models/layers/feed_forward.h"
#include "models/layers/norm.h"
#include "models/layers/stack_shape.h"
#include "models/weights/matrix_source.h"

namespace tessera::models {

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
  // Of a layer's attention block of that name.
  WeightedBranches(const MatrixSource& layer, std::string_view attention,
                   const StackShape& shape);

  std::size_t work_floats() const;

  // heads f32 [rows, H C] to y f32 [rows, D].
  void Apply(kernels::Rows<const float> heads, float* work,
             kernels::Rows<float> y, kernels::ExecContext& context) const;

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
  // Of a layer's attention block of that name, which is empty at 667faad.
  NormalisedBranches(const MatrixSource& layer, std::string_view attention,
                     const StackShape& shape);

  std::size_t work_floats() const;

  // Heads f32 [rows, H C], or at 667faad x f32 [rows, D], to y f32 [rows, D],
  // which may not be x.
  void Apply(kernels::Rows<const float> input, float* work,
             kernels::Rows<float> y, kernels::ExecContext& context) const;

 private:
  const FeedForward& block(std::size_t head) const {
    return blocks_[blocks_.size() == 1 ? 0 : head];
  }
  void Scale(kernels::Rows<const float> input, std::size_t head,
             kernels::Rows<float> y, kernels::ExecContext& context) const;

  std::vector<kernels::PackedMatrix> output_;  // kappa_h W_h [D, C]; 667faad: -
  std::vector<float> kappa_;                   // [H], for 667faad
  std::vector<FeedForward> blocks_;            // [H], or one
  std::vector<Norm> norms_;                    // [H]
  std::size_t width_;
};

}  // namespace tessera::models

#endif  // TESSERA_MODELS_LAYERS_BRANCHES_H_
