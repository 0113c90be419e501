// LayerNormRows against float64, on every ISA of its list.
#include "kernels/norm/norm.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "tests/kernels/guarded_rows.h"
#include "tests/kernels/kernel_test.h"
#include "tests/reference/norm.h"

namespace tessera::kernels {
namespace {

using LayerNormTest = KernelTest<decltype(LayerNormRows)>;

constexpr float kInf = std::numeric_limits<float>::infinity();
constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

// Checks one row; residual may be empty.
void ExpectNormalized(std::span<const float> x, std::span<const float> residual,
                      const LayerNormWeights& weights, const float* y) {
  const auto epsilon = static_cast<double>(weights.epsilon);
  std::vector<double> s(x.begin(), x.end());
  double largest = 0.0;
  for (std::size_t c = 0; c < s.size(); ++c) {
    const double r = residual.empty() ? 0.0 : static_cast<double>(residual[c]);
    largest = std::max(largest, std::abs(s[c]) + std::abs(r));
    s[c] += r;
  }
  const bool unbiased = weights.deviation == Deviation::kUnbiased;
  const double condition =
      1.0 + largest / reference::Deviation(s, epsilon, unbiased);
  const std::vector<double> normal = reference::Normalize(s, epsilon, unbiased);
  for (std::size_t c = 0; c < s.size(); ++c) {
    const auto scale = static_cast<double>(weights.scale[c]);
    const double bias =
        weights.bias ? static_cast<double>(weights.bias[c]) : 0.0;
    const double tolerance = static_cast<double>(kLayerNormMaxError) *
                             (condition * std::abs(scale) + std::abs(bias));
    ASSERT_NEAR(static_cast<double>(y[c]), normal[c] * scale + bias, tolerance)
        << "column " << c << " of " << s.size();
  }
}

struct Weights {
  explicit Weights(std::size_t n)
      : scale(RandomNormal(n, 11)), bias(RandomNormal(n, 12)) {}
  LayerNormWeights view() const { return {scale.data(), bias.data(), 1e-5f}; }
  std::vector<float> scale, bias;
};

// One row without a residual.
std::vector<float> RunRow(decltype(LayerNormRows)* kernel,
                          const std::vector<float>& x,
                          const LayerNormWeights& weights) {
  std::vector<float> y(x.size());
  kernel(Dense(x.data(), 1, x.size()), {}, weights,
         Dense(y.data(), 1, y.size()));
  return y;
}

TEST_P(LayerNormTest, MatchesFloat64AtEveryLength) {
  constexpr std::size_t kRows = 3;
  for (const std::size_t n : TailLengths()) {
    const Weights weights(n);
    const std::vector<float> a = RandomNormal(kRows * n, 13, 3.0f);
    const std::vector<float> b = RandomNormal(kRows * n, 14);
    GuardedRows<float> x(kRows, n), residual(kRows, n), y(kRows, n);
    x.Fill(a);
    residual.Fill(b);
    kernel()(x.view(), residual.view(), weights.view(), y.view());
    EXPECT_TRUE(y.Intact()) << n;
    for (std::size_t r = 0; r < kRows; ++r) {
      ExpectNormalized({a.data() + r * n, n}, {b.data() + r * n, n},
                       weights.view(), y.view()[r]);
    }
  }
}

TEST_P(LayerNormTest, DividesByTheDeviationOfASample) {
  for (const std::size_t n : TailLengths()) {
    if (n == 1) continue;
    const Weights own(n);
    LayerNormWeights weights = own.view();
    weights.deviation = Deviation::kUnbiased;
    for (const float epsilon : {1e-6f, 1e-3f}) {
      weights.epsilon = epsilon;
      const std::vector<float> x = RandomNormal(n, 21, 0.1f);
      ExpectNormalized(x, {}, weights, RunRow(kernel(), x, weights).data());
    }
  }
}

TEST_P(LayerNormTest, WorksWithoutResidualAndWithoutBias) {
  for (const std::size_t n : TailLengths()) {
    const Weights weights(n);
    LayerNormWeights no_bias = weights.view();
    no_bias.bias = nullptr;
    const std::vector<float> x = RandomNormal(n, 15);
    ExpectNormalized(x, {}, no_bias, RunRow(kernel(), x, no_bias).data());
    ExpectNormalized(x, {}, weights.view(),
                     RunRow(kernel(), x, weights.view()).data());
  }
}

TEST_P(LayerNormTest, GivesTheSameBitsInPlace) {
  constexpr std::size_t kRows = 4;
  for (const std::size_t n : TailLengths()) {
    const Weights weights(n);
    const auto rows = [n](std::vector<float>& v) {
      return Dense(v.data(), kRows, n);
    };
    std::vector<float> x = RandomNormal(kRows * n, 16);
    std::vector<float> residual = RandomNormal(kRows * n, 17);
    std::vector<float> y(kRows * n), in_x = x, in_residual = residual;
    kernel()(rows(x), rows(residual), weights.view(), rows(y));
    kernel()(rows(in_x), rows(residual), weights.view(), rows(in_x));
    kernel()(rows(x), rows(in_residual), weights.view(), rows(in_residual));
    EXPECT_EQ(in_x, y) << n;
    EXPECT_EQ(in_residual, y) << n;
  }
}

TEST_P(LayerNormTest, KeepsWhatLargeCloseNumbersDifferIn) {
  for (const std::size_t n : {16u, 60u, 512u}) {
    const Weights weights(n);
    std::vector<float> x = RandomNormal(n, 18);
    for (float& value : x) value += 1000.0f;
    ExpectNormalized(x, {}, weights.view(),
                     RunRow(kernel(), x, weights.view()).data());
  }
}

TEST_P(LayerNormTest, GivesConstantRowsTheBias) {
  for (const std::size_t n : TailLengths()) {
    const Weights weights(n);
    for (const float value : {0.3f, 1.1e10f}) {
      const std::vector<float> x(n, value);
      ExpectNormalized(x, {}, weights.view(),
                       RunRow(kernel(), x, weights.view()).data());
    }
    const std::vector<float> zeros(n, 0.0f);
    EXPECT_EQ(RunRow(kernel(), zeros, weights.view()), weights.bias);
  }
}

TEST_P(LayerNormTest, PutsEpsilonInsideTheRoot) {
  const std::vector<float> one(2, 1.0f);
  const std::vector<float> y =
      RunRow(kernel(), {-0.1f, 0.1f}, {one.data(), nullptr, 0.0021f});
  EXPECT_NEAR(y[1], 0.1f / std::sqrt(0.01f + 0.0021f), 1e-6f);
}

TEST_P(LayerNormTest, SpreadsNanAndInfinityOverTheirRowAlone) {
  constexpr std::size_t kCols = 67;
  const Weights weights(kCols);
  for (const float bad : {kNan, kInf, -kInf}) {
    for (std::size_t place = 0; place < kCols; ++place) {
      GuardedRows<float> x(2, kCols);
      x.Fill(RandomNormal(2 * kCols, 19));
      x.view()[0][place] = bad;
      kernel()(x.view(), {}, weights.view(), x.view());
      for (std::size_t c = 0; c < kCols; ++c) {
        ASSERT_TRUE(std::isnan(x.view()[0][c])) << place << " " << c;
        ASSERT_TRUE(std::isfinite(x.view()[1][c]));
      }
    }
  }
}

TEST_P(LayerNormTest, GivesARowTheSameBitsAnywhere) {
  constexpr std::size_t kRows = 5, kCols = 61;
  const Weights weights(kCols);
  const std::vector<float> values = RandomNormal(kCols, 20);
  GuardedRows<float> x(kRows, kCols);
  for (std::size_t r = 0; r < kRows; ++r) {
    std::copy(values.begin(), values.end(), x.view()[r]);
  }
  kernel()(x.view(), {}, weights.view(), x.view());
  const std::vector<float> alone = RunRow(kernel(), values, weights.view());
  for (std::size_t r = 0; r < kRows; ++r) {
    for (std::size_t c = 0; c < kCols; ++c) {
      ASSERT_EQ(x.view()[r][c], alone[c]);
    }
  }
}

TESSERA_INSTANTIATE_KERNELS(LayerNormTest, LayerNormRowsKernels());

}  // namespace
}  // namespace tessera::kernels
