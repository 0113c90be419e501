// SoftmaxRows against float64, on every ISA of its list.
#include "kernels/softmax/softmax.h"

#include <cmath>
#include <limits>

#include "tests/kernels/guarded_rows.h"
#include "tests/kernels/kernel_test.h"
#include "tests/reference/softmax.h"

namespace tessera::kernels {
namespace {

using SoftmaxTest = KernelTest<decltype(SoftmaxRows)>;

constexpr float kInf = std::numeric_limits<float>::infinity();
constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

// One row through the kernel.
std::vector<float> RunRow(decltype(SoftmaxRows)* kernel, std::vector<float> x) {
  kernel(Dense(x.data(), 1, x.size()), nullptr);
  return x;
}

void ExpectSoftmax(std::span<const float> x, const float* y) {
  const std::vector<double> want = reference::Softmax(x);
  for (std::size_t c = 0; c < x.size(); ++c) {
    const double tolerance =
        static_cast<double>(kSoftmaxMaxRelError) * want[c] +
        static_cast<double>(kSoftmaxMaxAbsError);
    ASSERT_NEAR(static_cast<double>(y[c]), want[c], tolerance)
        << "column " << c << " of " << x.size();
  }
}

TEST_P(SoftmaxTest, MatchesFloat64AtEveryLength) {
  constexpr std::size_t kRows = 3;
  for (const std::size_t n : TailLengths()) {
    GuardedRows<float> x(kRows, n);
    const std::vector<float> values = RandomNormal(kRows * n, 1, 5.0f);
    x.Fill(values);
    kernel()(x.view(), nullptr);
    EXPECT_TRUE(x.Intact()) << n;
    for (std::size_t r = 0; r < kRows; ++r) {
      ExpectSoftmax({values.data() + r * n, n}, x.view()[r]);
    }
  }
}

TEST_P(SoftmaxTest, ReadsNothingBehindTheLengthAndWritesZerosThere) {
  constexpr std::size_t kCols = 67;
  GuardedRows<float> x(kCols + 1, kCols);
  const std::vector<float> values = RandomNormal(kCols, 2);
  std::vector<std::int32_t> lengths;
  for (std::size_t r = 0; r <= kCols; ++r) {
    lengths.push_back(static_cast<std::int32_t>(r));
    for (std::size_t c = 0; c < kCols; ++c) {
      x.view()[r][c] = c < r ? values[c] : kNan;
    }
  }
  kernel()(x.view(), lengths.data());
  EXPECT_TRUE(x.Intact());
  for (std::size_t r = 0; r <= kCols; ++r) {
    ExpectSoftmax({values.data(), r}, x.view()[r]);
    for (std::size_t c = r; c < kCols; ++c) ASSERT_EQ(x.view()[r][c], 0.0f);
  }
}

TEST_P(SoftmaxTest, GivesMaskedKeysExactlyZero) {
  for (const std::size_t n : TailLengths()) {
    std::vector<float> x = RandomNormal(n, 3);
    for (std::size_t c = 0; c < n; c += 2) x[c] = -kInf;
    const std::vector<float> y = RunRow(kernel(), x);
    ExpectSoftmax(x, y.data());
    for (std::size_t c = 0; c < n; c += 2) ASSERT_EQ(y[c], 0.0f);
  }
}

TEST_P(SoftmaxTest, GivesZerosForRowsOfOnlyMaskedKeys) {
  for (const std::size_t n : TailLengths()) {
    for (const float y : RunRow(kernel(), std::vector<float>(n, -kInf))) {
      ASSERT_EQ(y, 0.0f) << n;
    }
  }
}

TEST_P(SoftmaxTest, SpreadsNanAndPositiveInfinityOverTheirRowAlone) {
  for (const float bad : {kNan, kInf}) {
    for (std::size_t place = 0; place < 67; ++place) {
      GuardedRows<float> x(2, 67);
      x.Fill(RandomNormal(2 * 67, 4));
      x.view()[0][place] = bad;
      kernel()(x.view(), nullptr);
      for (std::size_t c = 0; c < 67; ++c) {
        ASSERT_TRUE(std::isnan(x.view()[0][c])) << place << " " << c;
        ASSERT_TRUE(std::isfinite(x.view()[1][c]));
      }
    }
  }
}

TEST_P(SoftmaxTest, SpreadsNanOverARowThatIsMaskedElsewhere) {
  std::vector<float> x(40, -kInf);
  x[33] = kNan;
  for (const float y : RunRow(kernel(), x)) ASSERT_TRUE(std::isnan(y));
}

TEST_P(SoftmaxTest, StaysExactForHugeAndForUnderflowingScores) {
  for (const float scale : {30.0f, 1e4f, 1e30f}) {
    const std::vector<float> x = RandomNormal(1000, 5, scale);
    ExpectSoftmax(x, RunRow(kernel(), x).data());
  }
}

TEST_P(SoftmaxTest, StaysExactOnLongRowsOfEqualScores) {
  std::vector<float> x(100003, 0.1f);
  x[70000] = 1.3f;
  ExpectSoftmax(x, RunRow(kernel(), x).data());
}

TEST_P(SoftmaxTest, GivesARowTheSameBitsAnywhere) {
  constexpr std::size_t kRows = 4, kCols = 61;
  const std::vector<float> values = RandomNormal(kCols, 6);
  GuardedRows<float> x(kRows, kCols);
  for (std::size_t r = 0; r < kRows; ++r) {
    std::copy(values.begin(), values.end(), x.view()[r]);
  }
  kernel()(x.view(), nullptr);
  const std::vector<float> alone = RunRow(kernel(), values);
  for (std::size_t r = 0; r < kRows; ++r) {
    for (std::size_t c = 0; c < kCols; ++c) {
      ASSERT_EQ(x.view()[r][c], alone[c]);
    }
  }
}

TESSERA_INSTANTIATE_KERNELS(SoftmaxTest, SoftmaxRowsKernels());

}  // namespace
}  // namespace tessera::kernels
