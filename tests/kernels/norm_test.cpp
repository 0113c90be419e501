// NormRows and AddRows against float64, on every ISA of their lists.
#include "kernels/norm/norm.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "kernels/context.h"
#include "tests/kernels/guarded_rows.h"
#include "tests/kernels/kernel_test.h"
#include "tests/reference/norm.h"

namespace tessera::kernels {
namespace {

using NormTest = KernelTest<NormRowsFn>;
using AddTest = KernelTest<AddRowsFn>;

constexpr float kInf = std::numeric_limits<float>::infinity();
constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

// Checks one row; added may be empty.
void ExpectNormalised(std::span<const float> x, std::span<const float> residual,
                      const NormWeights& weights, const float* y) {
  const auto epsilon = static_cast<double>(weights.epsilon);
  std::vector<double> s(x.begin(), x.end());
  double largest = 0.0;
  for (std::size_t c = 0; c < s.size(); ++c) {
    const double r = residual.empty() ? 0.0 : static_cast<double>(residual[c]);
    largest = std::max(largest, std::abs(s[c]) + std::abs(r));
    s[c] += r;
  }
  const double condition =
      1.0 + largest / reference::Deviation(s, epsilon, weights.kind);
  const std::vector<double> normal =
      reference::Normalise(s, epsilon, weights.kind);
  for (std::size_t c = 0; c < s.size(); ++c) {
    const auto scale = static_cast<double>(weights.scale[c]);
    const double bias =
        weights.bias ? static_cast<double>(weights.bias[c]) : 0.0;
    const double tolerance = static_cast<double>(kNormMaxError) *
                             (condition * std::abs(scale) + std::abs(bias));
    ASSERT_NEAR(static_cast<double>(y[c]), normal[c] * scale + bias, tolerance)
        << "column " << c << " of " << s.size();
  }
}

struct Weights {
  explicit Weights(std::size_t n)
      : scale(RandomNormal(n, 11)), bias(RandomNormal(n, 12)) {}
  NormWeights view() const {
    return {scale.data(), bias.data(), 1e-5f, NormKind::kLayer};
  }
  std::vector<float> scale, bias;
};

// One row without a residual.
std::vector<float> RunRow(NormRowsFn* kernel, const std::vector<float>& x,
                          const NormWeights& weights) {
  std::vector<float> y(x.size());
  kernel({.x = Dense(x.data(), 1, x.size()),
          .weights = weights,
          .y = Dense(y.data(), 1, y.size())});
  return y;
}

TEST_P(NormTest, MatchesFloat64AtEveryLength) {
  constexpr std::size_t kRows = 3;
  for (const std::size_t n : TailLengths()) {
    const Weights weights(n);
    const std::vector<float> a = RandomNormal(kRows * n, 13, 3.0f);
    const std::vector<float> b = RandomNormal(kRows * n, 14);
    GuardedRows<float> x(kRows, n), residual(kRows, n), y(kRows, n);
    x.Fill(a);
    residual.Fill(b);
    kernel()({x.view(), residual.view(), weights.view(), y.view()});
    EXPECT_TRUE(y.Intact()) << n;
    for (std::size_t r = 0; r < kRows; ++r) {
      ExpectNormalised({a.data() + r * n, n}, {b.data() + r * n, n},
                       weights.view(), y.view()[r]);
    }
  }
}

TEST_P(NormTest, DividesByTheDeviationOfASample) {
  for (const std::size_t n : TailLengths()) {
    if (n == 1) continue;
    const Weights own(n);
    NormWeights weights = own.view();
    weights.kind = NormKind::kUnbiased;
    for (const float epsilon : {1e-6f, 1e-3f}) {
      weights.epsilon = epsilon;
      const std::vector<float> x = RandomNormal(n, 21, 0.1f);
      ExpectNormalised(x, {}, weights, RunRow(kernel(), x, weights).data());
    }
  }
}

TEST_P(NormTest, WorksWithoutResidualAndWithoutBias) {
  for (const std::size_t n : TailLengths()) {
    const Weights weights(n);
    NormWeights no_bias = weights.view();
    no_bias.bias = nullptr;
    const std::vector<float> x = RandomNormal(n, 15);
    ExpectNormalised(x, {}, no_bias, RunRow(kernel(), x, no_bias).data());
    ExpectNormalised(x, {}, weights.view(),
                     RunRow(kernel(), x, weights.view()).data());
  }
}

TEST_P(NormTest, GivesTheSameBitsInPlace) {
  constexpr std::size_t kRows = 4;
  for (const std::size_t n : TailLengths()) {
    const Weights weights(n);
    const auto rows = [n](std::vector<float>& v) {
      return Dense(v.data(), kRows, n);
    };
    std::vector<float> x = RandomNormal(kRows * n, 16);
    std::vector<float> residual = RandomNormal(kRows * n, 17);
    std::vector<float> y(kRows * n), in_x = x, in_residual = residual;
    kernel()({rows(x), rows(residual), weights.view(), rows(y)});
    kernel()({rows(in_x), rows(residual), weights.view(), rows(in_x)});
    kernel()({rows(x), rows(in_residual), weights.view(), rows(in_residual)});
    EXPECT_EQ(in_x, y) << n;
    EXPECT_EQ(in_residual, y) << n;
  }
}

TEST_P(NormTest, KeepsWhatLargeCloseNumbersDifferIn) {
  for (const std::size_t n : {16u, 60u, 512u}) {
    const Weights weights(n);
    std::vector<float> x = RandomNormal(n, 18);
    for (float& value : x) value += 1000.0f;
    ExpectNormalised(x, {}, weights.view(),
                     RunRow(kernel(), x, weights.view()).data());
  }
}

TEST_P(NormTest, GivesConstantRowsTheBias) {
  for (const std::size_t n : TailLengths()) {
    const Weights weights(n);
    for (const float value : {0.3f, 1.1e10f}) {
      const std::vector<float> x(n, value);
      ExpectNormalised(x, {}, weights.view(),
                       RunRow(kernel(), x, weights.view()).data());
    }
    const std::vector<float> zeros(n, 0.0f);
    EXPECT_EQ(RunRow(kernel(), zeros, weights.view()), weights.bias);
  }
}

TEST_P(NormTest, PutsEpsilonInsideTheRoot) {
  const std::vector<float> one(2, 1.0f);
  const std::vector<float> y =
      RunRow(kernel(), {-0.1f, 0.1f},
             {one.data(), nullptr, 0.0021f, NormKind::kLayer});
  EXPECT_NEAR(y[1], 0.1f / std::sqrt(0.01f + 0.0021f), 1e-6f);
}

TEST_P(NormTest, SpreadsNanAndInfinityOverTheirRowAlone) {
  constexpr std::size_t kCols = 67;
  const Weights weights(kCols);
  for (const float bad : {kNan, kInf, -kInf}) {
    for (std::size_t place = 0; place < kCols; ++place) {
      GuardedRows<float> x(2, kCols);
      x.Fill(RandomNormal(2 * kCols, 19));
      x.view()[0][place] = bad;
      kernel()({x.view(), {}, weights.view(), x.view()});
      for (std::size_t c = 0; c < kCols; ++c) {
        ASSERT_TRUE(std::isnan(x.view()[0][c])) << place << " " << c;
        ASSERT_TRUE(std::isfinite(x.view()[1][c]));
      }
    }
  }
}

TEST_P(NormTest, GivesARowTheSameBitsAnywhere) {
  constexpr std::size_t kRows = 5, kCols = 61;
  const Weights weights(kCols);
  const std::vector<float> values = RandomNormal(kCols, 20);
  GuardedRows<float> x(kRows, kCols);
  for (std::size_t r = 0; r < kRows; ++r) {
    std::copy(values.begin(), values.end(), x.view()[r]);
  }
  kernel()({x.view(), {}, weights.view(), x.view()});
  const std::vector<float> alone = RunRow(kernel(), values, weights.view());
  for (std::size_t r = 0; r < kRows; ++r) {
    for (std::size_t c = 0; c < kCols; ++c) {
      ASSERT_EQ(x.view()[r][c], alone[c]);
    }
  }
}

TEST_P(NormTest, DividesByTheRootOfTheMeanSquare) {
  constexpr std::size_t kRows = 3;
  for (const std::size_t n : TailLengths()) {
    const Weights own(n);
    for (const float mean : {0.0f, 5.0f}) {
      NormWeights weights = own.view();
      weights.kind = NormKind::kRms;
      std::vector<float> a = RandomNormal(kRows * n, 22);
      for (float& value : a) value += mean;
      const std::vector<float> b = RandomNormal(kRows * n, 23);
      for (const bool bias : {false, true}) {
        if (!bias) weights.bias = nullptr;
        for (const bool sum : {false, true}) {
          GuardedRows<float> x(kRows, n), added(kRows, n), y(kRows, n);
          x.Fill(a);
          added.Fill(b);
          kernel()({x.view(), sum ? added.view() : Rows<float>{}, weights,
                    y.view()});
          EXPECT_TRUE(y.Intact()) << n;
          for (std::size_t r = 0; r < kRows; ++r) {
            const std::span<const float> second(b.data() + r * n, sum ? n : 0);
            ExpectNormalised({a.data() + r * n, n}, second, weights,
                             y.view()[r]);
          }
        }
        weights.bias = own.view().bias;
      }
    }
  }
}

TEST_P(NormTest, LeavesZeroRowsOfRmsZero) {
  for (const std::size_t n : TailLengths()) {
    const std::vector<float> ones(n, 1.0f), zeros(n, 0.0f);
    EXPECT_EQ(
        RunRow(kernel(), zeros, {ones.data(), nullptr, 1e-6f, NormKind::kRms}),
        zeros);
  }
}

TEST_P(NormTest, SpreadsNanOverItsRowOfRmsAlone) {
  const std::vector<float> ones(67, 1.0f);
  GuardedRows<float> x(3, 67);
  x.Fill(RandomNormal(3 * 67, 24));
  x.view()[1][66] = kNan;
  kernel()(
      {x.view(), {}, {ones.data(), nullptr, 1e-6f, NormKind::kRms}, x.view()});
  for (std::size_t i = 0; i < 3 * 67; ++i) {
    EXPECT_EQ(std::isnan(x.view()[i / 67][i % 67]), i / 67 == 1) << i;
  }
}

TESSERA_INSTANTIATE_KERNELS(NormTest, NormRowsKernels());

TEST_P(AddTest, RoundsTheProductAndTheSum) {
  constexpr std::size_t kRows = 3;
  for (const std::size_t n : TailLengths()) {
    const std::vector<float> a = RandomNormal(kRows * n, 25);
    const std::vector<float> b = RandomNormal(kRows * n, 26);
    for (const float factor : {1.0f, 0.3f}) {
      for (const bool sum : {false, true}) {
        GuardedRows<float> x(kRows, n), y(kRows, n);
        x.Fill(a);
        y.Fill(b);  // in place
        kernel()({x.view(), factor, sum ? y.view() : Rows<float>{}, y.view()});
        EXPECT_TRUE(y.Intact()) << n;
        for (std::size_t i = 0; i < kRows * n; ++i) {
          const auto product = static_cast<float>(static_cast<double>(factor) *
                                                  static_cast<double>(a[i]));
          const auto want =
              static_cast<float>(static_cast<double>(product) +
                                 (sum ? static_cast<double>(b[i]) : 0.0));
          ASSERT_EQ(y.view()[i / n][i % n], want) << n;
        }
      }
    }
  }
}

TESSERA_INSTANTIATE_KERNELS(AddTest, AddRowsKernels());

TEST(RowsOnThreadsTest, HaveTheSameBitsOnAnyNumber) {
  constexpr std::size_t kRows = 701, kCols = 768;  // enough for AddRows too
  const Weights weights(kCols);
  const std::vector<float> a = RandomNormal(kRows * kCols, 27);
  const std::vector<float> b = RandomNormal(kRows * kCols, 28);
  const auto rows = [](auto& v) { return Dense(v.data(), kRows, kCols); };
  std::vector<float> normal, sum;
  for (const std::size_t threads : {1u, 2u, 3u, 16u}) {
    ExecContext context(threads);
    std::vector<float> x = a, y = a;
    NormRows({rows(a), rows(b), weights.view(), rows(x)}, context);
    AddRows({rows(b), 0.5f, rows(y), rows(y)}, context);
    if (threads == 1) normal = x, sum = y;
    EXPECT_EQ(x, normal) << threads;
    EXPECT_EQ(y, sum) << threads;
  }
}

}  // namespace
}  // namespace tessera::kernels
