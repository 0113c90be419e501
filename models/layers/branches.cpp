// Multi-branch attention.
#include "models/layers/branches.h"

#include <algorithm>

#include "kernels/gemm/multiply.h"
#include "models/layers/feed_forward.h"
#include "models/layers/linear.h"

namespace tessera::models {

using kernels::Dense;
using kernels::ExecContext;
using kernels::PackedMatrix;
using kernels::Rows;

namespace {

constexpr std::size_t kRowsAtOnce = FeedForward::kRowsAtOnce;

PackedMatrix Pack(const std::vector<float>& weight, std::size_t outputs,
                  std::size_t inputs, const std::vector<float>& bias) {
  PackedMatrix matrix(outputs, inputs);
  matrix.SetRows(0, Dense(weight.data(), outputs, inputs));
  matrix.SetBias(0, bias);
  return matrix;
}

std::size_t Bytes(const std::vector<PackedMatrix>& matrices) {
  std::size_t bytes = 0;
  for (const PackedMatrix& matrix : matrices) bytes += matrix.bytes();
  return bytes;
}

// A_h = fc1_h kappa_h W_h [f, C] with c_h = fc1_h kappa_h b_h + its own bias.
PackedMatrix FoldFirst(const BranchWeights& weights, std::size_t head) {
  const std::size_t hidden = weights.hidden_width, width = weights.width;
  const std::size_t inputs = weights.value_width;
  const BranchWeights::Block& block = weights.block(head);
  const PackedMatrix fc1 =
      Pack(block.fc1, hidden, width, std::vector<float>(hidden));
  // fc1 times every column of W_h, and times b_h.
  std::vector<float> columns =
      Transposed(weights.ScaledOutput(head).data(), width, inputs);
  const auto bias = weights.ScaledOutputBias(head);
  columns.insert(columns.end(), bias.begin(), bias.end());
  std::vector<float> products((inputs + 1) * hidden);  // [C + 1, f]
  ExecContext context;
  Multiply(Dense(columns.data(), inputs + 1, width), fc1, {},
           Dense(products.data(), inputs + 1, hidden), context);
  std::vector<float> folded_bias(
      products.end() - static_cast<std::ptrdiff_t>(hidden), products.end());
  for (std::size_t f = 0; f < hidden; ++f) folded_bias[f] += block.fc1_bias[f];
  return Pack(Transposed(products.data(), inputs, hidden), hidden, inputs,
              folded_bias);
}

std::vector<float> Times(std::vector<float> values, float factor) {
  for (float& value : values) value *= factor;
  return values;
}

// sum_h alpha_h times the bias of fc2_h.
std::vector<float> SecondBias(const BranchWeights& weights) {
  std::vector<float> sum(weights.width);
  for (std::size_t h = 0; h < weights.heads; ++h) {
    for (std::size_t d = 0; d < weights.width; ++d) {
      sum[d] += weights.alpha[h] * weights.block(h).fc2_bias[d];
    }
  }
  return sum;
}

}  // namespace

WeightedBranches::WeightedBranches(const BranchWeights& weights)
    : activation_(weights.activation) {
  const std::size_t hidden = weights.hidden_width, width = weights.width;
  const std::size_t blocks = weights.blocks.size();
  for (std::size_t h = 0; h < weights.heads; ++h) {
    first_.push_back(FoldFirst(weights, h));
  }
  if (blocks == 1) alpha_ = weights.alpha;
  std::vector<float> second(width * blocks * hidden);  // [D, blocks, f]
  for (std::size_t b = 0; b < blocks; ++b) {
    const float factor = shared() ? 1.0f : weights.alpha[b];
    for (std::size_t d = 0; d < width; ++d) {
      for (std::size_t f = 0; f < hidden; ++f) {
        second[(d * blocks + b) * hidden + f] =
            factor * weights.blocks[b].fc2[d * hidden + f];
      }
    }
  }
  second_ = Pack(second, width, blocks * hidden, SecondBias(weights));
}

std::size_t WeightedBranches::work_floats() const {
  return kRowsAtOnce * second_.inputs() * (shared() ? 2 : 1);
}

// sum = sum_h alpha_h act(A_h head_h + c_h)
void WeightedBranches::SumHidden(Rows<const float> heads, float* work,
                                 Rows<float> sum, ExecContext& context) const {
  const std::size_t width = first_[0].inputs();
  const Rows<float> hidden = Dense(work, heads.rows, sum.cols);
  for (std::size_t h = 0; h < first_.size(); ++h) {
    Multiply(heads.Columns(h * width, width), first_[h],
             {.activation = activation_}, hidden, context);
    AddRows({.x = hidden,
             .factor = alpha_[h],
             .added = h == 0 ? Rows<float>{} : sum,
             .y = sum},
            context);
  }
}

void WeightedBranches::Apply(Rows<const float> heads, float* work,
                             Rows<float> y, ExecContext& context) const {
  const std::size_t inputs = first_[0].inputs(), f = first_[0].outputs();
  for (std::size_t first = 0; first < heads.rows; first += kRowsAtOnce) {
    const std::size_t rows = std::min(kRowsAtOnce, heads.rows - first);
    const Rows<const float> x = heads.Slice(first, rows);
    const Rows<float> hidden = Dense(work, rows, second_.inputs());
    if (shared()) {
      SumHidden(x, work + rows * f, hidden, context);
    } else {
      for (std::size_t h = 0; h < first_.size(); ++h) {
        Multiply(x.Columns(h * inputs, inputs), first_[h],
                 {.activation = activation_}, hidden.Columns(h * f, f),
                 context);
      }
    }
    Multiply(hidden, second_, {}, y.Slice(first, rows), context);
  }
}

std::size_t WeightedBranches::bytes() const {
  return Bytes(first_) + second_.bytes();
}

NormalisedBranches::NormalisedBranches(const BranchWeights& weights)
    : width_(weights.width),
      hidden_width_(weights.hidden_width),
      activation_(weights.activation) {
  if (weights.output.empty()) kappa_ = weights.kappa;
  for (const BranchWeights::Block& block : weights.blocks) {
    blocks_.push_back({Pack(block.fc1, hidden_width_, width_, block.fc1_bias),
                       Pack(block.fc2, width_, hidden_width_, block.fc2_bias)});
  }
  for (std::size_t h = 0; h < weights.heads; ++h) {
    const BranchWeights::Block& block = weights.block(h);
    norms_.emplace_back(Times(block.norm_scale, weights.alpha[h]),
                        Times(block.norm_offset, weights.alpha[h]),
                        weights.norm);
    if (!kappa_.empty()) continue;
    output_.push_back(Pack(weights.ScaledOutput(h), width_, weights.value_width,
                           weights.ScaledOutputBias(h)));
  }
}

std::size_t NormalisedBranches::work_floats() const {
  return kRowsAtOnce * (2 * width_ + hidden_width_);
}

// y_h, what branch h begins with.
void NormalisedBranches::Scale(Rows<const float> input, std::size_t head,
                               Rows<float> y, ExecContext& context) const {
  if (kappa_.empty()) {
    const std::size_t width = output_[head].inputs();
    return Multiply(input.Columns(head * width, width), output_[head], {}, y,
                    context);
  }
  AddRows({.x = input, .factor = kappa_[head], .y = y}, context);
}

void NormalisedBranches::Apply(Rows<const float> input, float* work,
                               Rows<float> y, ExecContext& context) const {
  for (std::size_t first = 0; first < input.rows; first += kRowsAtOnce) {
    const std::size_t rows = std::min(kRowsAtOnce, input.rows - first);
    const Rows<float> branch = Dense(work, rows, width_);
    const Rows<float> added = Dense(work + rows * width_, rows, width_);
    const Rows<float> hidden =
        Dense(work + 2 * rows * width_, rows, hidden_width_);
    for (std::size_t h = 0; h < norms_.size(); ++h) {
      Scale(input.Slice(first, rows), h, branch, context);
      Multiply(branch, block(h).fc1, {.activation = activation_}, hidden,
               context);
      Multiply(hidden, block(h).fc2, {}, added, context);
      norms_[h].Apply(branch, added, branch, context);
      const Rows<float> sum = y.Slice(first, rows);
      AddRows({.x = branch, .added = h == 0 ? Rows<float>{} : sum, .y = sum},
              context);
    }
  }
}

std::size_t NormalisedBranches::bytes() const {
  std::size_t bytes = Bytes(output_);
  for (const Block& block : blocks_) {
    bytes += block.fc1.bytes() + block.fc2.bytes();
  }
  return bytes;
}

}  // namespace tessera::models
