// Branches as they are folded when loading against the formulas, in float64.
#include "models/layers/branches.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>

#include "tests/models/weights/tensor_folder.h"

namespace tessera::models {
namespace {

using kernels::Dense;
using Row = std::vector<double>;

constexpr std::size_t kRows = 7;

std::vector<float> Random(std::size_t n, float deviation,
                          std::mt19937& random) {
  std::normal_distribution<float> normal(0, deviation);
  std::vector<float> values(n);
  for (float& value : values) value = normal(random);
  return values;
}

// Positive numbers with the sum 1.
std::vector<float> Simplex(std::size_t n, std::mt19937& random) {
  std::uniform_real_distribution<float> uniform(0.1f, 1.0f);
  std::vector<float> values(n);
  float sum = 0;
  for (float& value : values) sum += value = uniform(random);
  for (float& value : values) value /= sum;
  return values;
}

struct Sizes {
  std::size_t heads, width, value_width, hidden_width;
  bool shared;
};

// All f32, matrices in rows [out, in]. A branch is a head.
struct BranchWeights {
  // The feed-forward block of one branch, or of all.
  struct Block {
    std::vector<float> in, in_bias;              // [f, D], [f]
    std::vector<float> out, out_bias;            // [D, f], [D]
    std::vector<float> norm_scale, norm_offset;  // [D]
  };

  std::size_t heads, width, value_width;
  std::vector<float> kappa, alpha;  // [H]
  std::vector<float> output;        // W^O [D, H C]
  std::vector<float> output_bias;   // [H, D]
  std::vector<Block> blocks;        // [H], or one that all share

  const Block& block(std::size_t head) const {
    return blocks[blocks.size() == 1 ? 0 : head];
  }
};

BranchWeights Draw(const Sizes& s) {
  std::mt19937 random(11);
  const auto scale = [](std::size_t inputs) {
    return 1 / std::sqrt(static_cast<float>(inputs));
  };
  BranchWeights weights = {.heads = s.heads,
                           .width = s.width,
                           .value_width = s.value_width,
                           .kappa = Simplex(s.heads, random),
                           .alpha = Simplex(s.heads, random),
                           .output = {},
                           .output_bias = {},
                           .blocks = {}};
  weights.output =
      Random(s.width * s.heads * s.value_width, scale(s.value_width), random);
  weights.output_bias = Random(s.heads * s.width, 0.3f, random);
  for (std::size_t b = 0; b < (s.shared ? 1 : s.heads); ++b) {
    BranchWeights::Block block;
    block.in = Random(s.hidden_width * s.width, scale(s.width), random);
    block.in_bias = Random(s.hidden_width, 0.1f, random);
    block.out = Random(s.width * s.hidden_width, scale(s.hidden_width), random);
    block.out_bias = Random(s.width, 0.1f, random);
    block.norm_scale = Random(s.width, 1, random);
    block.norm_offset = Random(s.width, 0.3f, random);
    weights.blocks.push_back(block);
  }
  return weights;
}

// A layer of these branches behind an attention block "a".
MatrixSource Write(const Sizes& s, const BranchWeights& w,
                   TensorFolder& folder) {
  const auto add = [&](const std::string& name,
                       const std::vector<float>& values, std::size_t columns) {
    if (columns == 0) return folder.Add(name, {values.size()}, values);
    folder.Add(name, {values.size() / columns, columns}, values);
  };
  add("a.output.weight", w.output, w.heads * w.value_width);
  add("a.head_biases.weight", w.output_bias, w.width);
  add("branches.kappa", w.kappa, 0);
  add("branches.alpha", w.alpha, 0);
  for (std::size_t b = 0; b < w.blocks.size(); ++b) {
    const std::string name =
        "branches." + (s.shared ? "shared" : std::to_string(b));
    add(name + ".in.weight", w.blocks[b].in, w.width);
    add(name + ".in.bias", w.blocks[b].in_bias, 0);
    add(name + ".out.weight", w.blocks[b].out, s.hidden_width);
    add(name + ".out.bias", w.blocks[b].out_bias, 0);
    add(name + ".norm.weight", w.blocks[b].norm_scale, 0);
    add(name + ".norm.bias", w.blocks[b].norm_offset, 0);
  }
  return folder.Source({.prefix = "",
                        .rules = {{"a.*", {"a.*"}},
                                  {"branches", {"branches"}},
                                  {"branches.*.*", {"branches.*.*"}}}});
}

StackShape Shape(const Sizes& s, Branches branches) {
  return {.width = s.width,
          .attention = {.heads = s.heads, .value_width = s.value_width},
          .hidden_width = s.hidden_width * (s.shared ? 1 : s.heads),
          .branches = branches,
          .shared_branches = s.shared};
}

double At(const std::vector<float>& values, std::size_t i) {
  return static_cast<double>(values[i]);
}

Row FeedForwardOf(const BranchWeights::Block& block, const Row& x) {
  Row y(x.size());
  for (std::size_t d = 0; d < x.size(); ++d) y[d] = At(block.out_bias, d);
  const std::size_t hidden = block.in_bias.size();
  for (std::size_t f = 0; f < hidden; ++f) {
    double sum = At(block.in_bias, f);
    for (std::size_t d = 0; d < x.size(); ++d) {
      sum += At(block.in, f * x.size() + d) * x[d];
    }
    for (std::size_t d = 0; d < x.size(); ++d) {
      y[d] += At(block.out, d * hidden + f) * std::max(sum, 0.0);
    }
  }
  return y;
}

Row NormOf(const BranchWeights::Block& block, const Row& x) {
  const auto n = static_cast<double>(x.size());
  double mean = 0, variance = 0;
  for (const double value : x) mean += value / n;
  for (const double value : x) variance += (value - mean) * (value - mean) / n;
  Row y(x.size());
  for (std::size_t d = 0; d < x.size(); ++d) {
    y[d] =
        (x[d] - mean) / std::sqrt(variance + 1e-5) * At(block.norm_scale, d) +
        At(block.norm_offset, d);
  }
  return y;
}

// kappa_h (W_h head_h + b_h) of a row of heads.
Row Scaled(const BranchWeights& w, const float* heads, std::size_t h) {
  Row y(w.width);
  for (std::size_t d = 0; d < w.width; ++d) {
    y[d] = At(w.output_bias, h * w.width + d);
    for (std::size_t c = 0; c < w.value_width; ++c) {
      y[d] += At(w.output, (d * w.heads + h) * w.value_width + c) *
              static_cast<double>(heads[h * w.value_width + c]);
    }
    y[d] *= At(w.kappa, h);
  }
  return y;
}

void ExpectRow(const Row& expected, const float* got) {
  double largest = 0;
  for (const double value : expected) {
    largest = std::max(largest, std::fabs(value));
  }
  for (std::size_t d = 0; d < expected.size(); ++d) {
    EXPECT_NEAR(static_cast<double>(got[d]), expected[d], 1e-5 * largest) << d;
  }
}

class BranchesTest : public testing::TestWithParam<Sizes> {
 protected:
  // Runs branches on random input of `inputs` columns.
  template <class Form>
  void Run(const Form& branches, std::size_t inputs) {
    std::mt19937 random(5);
    input_ = Random(kRows * inputs, 1, random);
    got_.resize(kRows * GetParam().width);
    std::vector<float> work(branches.work_floats());
    kernels::ExecContext context;
    branches.Apply(Dense<const float>(input_.data(), kRows, inputs),
                   work.data(), Dense(got_.data(), kRows, GetParam().width),
                   context);
  }
  const float* got(std::size_t r) { return &got_[r * GetParam().width]; }

  TensorFolder folder_;
  std::vector<float> input_, got_;
};

TEST_P(BranchesTest, FoldedPaperFormIsTheUnfoldedOne) {
  const BranchWeights w = Draw(GetParam());
  const std::size_t inputs = w.heads * w.value_width;
  Run(WeightedBranches(Write(GetParam(), w, folder_), "a",
                       Shape(GetParam(), Branches::kPaper)),
      inputs);
  for (std::size_t r = 0; r < kRows; ++r) {
    Row expected(w.width);
    for (std::size_t h = 0; h < w.heads; ++h) {
      const Row y =
          FeedForwardOf(w.block(h), Scaled(w, &input_[r * inputs], h));
      for (std::size_t d = 0; d < w.width; ++d) {
        expected[d] += At(w.alpha, h) * y[d];
      }
    }
    ExpectRow(expected, got(r));
  }
}

// sum_h alpha_h LN_h(y_h + FFN_h(y_h))
Row SumOfNormalised(const BranchWeights& w, const std::vector<Row>& branches) {
  Row sum(w.width);
  for (std::size_t h = 0; h < w.heads; ++h) {
    Row y = FeedForwardOf(w.block(h), branches[h]);
    for (std::size_t d = 0; d < w.width; ++d) y[d] += branches[h][d];
    y = NormOf(w.block(h), y);
    for (std::size_t d = 0; d < w.width; ++d) sum[d] += At(w.alpha, h) * y[d];
  }
  return sum;
}

TEST_P(BranchesTest, BranchesOfHeadsAreNormalisedEach) {
  const BranchWeights w = Draw(GetParam());
  const std::size_t inputs = w.heads * w.value_width;
  Run(NormalisedBranches(Write(GetParam(), w, folder_), "a",
                         Shape(GetParam(), Branches::kJayParksHead)),
      inputs);
  for (std::size_t r = 0; r < kRows; ++r) {
    std::vector<Row> branches;
    for (std::size_t h = 0; h < w.heads; ++h) {
      branches.push_back(Scaled(w, &input_[r * inputs], h));
    }
    ExpectRow(SumOfNormalised(w, branches), got(r));
  }
}

TEST_P(BranchesTest, BranchesOfStatesScaleThemByKappa) {
  const BranchWeights w = Draw(GetParam());
  Run(NormalisedBranches(Write(GetParam(), w, folder_), "",
                         Shape(GetParam(), Branches::kJayParks667faad)),
      w.width);
  for (std::size_t r = 0; r < kRows; ++r) {
    std::vector<Row> branches;
    for (std::size_t h = 0; h < w.heads; ++h) {
      Row y(w.width);
      for (std::size_t d = 0; d < w.width; ++d) {
        y[d] = At(w.kappa, h) * At(input_, r * w.width + d);
      }
      branches.push_back(y);
    }
    ExpectRow(SumOfNormalised(w, branches), got(r));
  }
}

INSTANTIATE_TEST_SUITE_P(, BranchesTest,
                         testing::Values(Sizes{3, 20, 5, 7, false},
                                         Sizes{3, 20, 5, 7, true},
                                         Sizes{1, 8, 8, 16, false},
                                         Sizes{8, 512, 64, 256, false},
                                         Sizes{4, 64, 16, 256, true}),
                         [](const auto& tested) {
                           const Sizes& s = tested.param;
                           return std::to_string(s.heads) + "heads" +
                                  std::to_string(s.width) + "wide" +
                                  (s.shared ? "Shared" : "Split");
                         });

}  // namespace
}  // namespace tessera::models
