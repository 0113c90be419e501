// Rows rounded to integers: steps, sums, edges, and the same bits on every ISA.
#include "kernels/gemm/quantize.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <limits>
#include <numeric>
#include <vector>

#include "tests/kernels/guard_pages.h"
#include "tests/kernels/kernel_test.h"

namespace tessera::kernels {

QuantizeRowsFn QuantizeRowsScalar;

namespace {

constexpr std::size_t kRows = 3;

// What a kernel makes of x [kRows, cols], in memory that ends at a guard page.
template <class T>
struct Quantized {
  Quantized(QuantizeRowsFn* kernel, const std::vector<float>& x,
            std::size_t cols, std::size_t stride)
      : data(std::vector<T>(kRows * stride, T{99}), GuardSide::kBack),
        scales(kRows) {
    const GuardPages<float> input(x, GuardSide::kBack);
    kernel(Dense<const float>(input.data(), kRows, cols),
           {kElementType<const T>, data.data(), kRows, cols, stride,
            scales.data()});
    values.assign(data.data(), data.data() + kRows * stride);
  }
  GuardPages<T> data;
  std::vector<RowScale> scales;
  std::vector<T> values;
};

template <class T>
void ExpectRounded(QuantizeRowsFn* kernel, const std::vector<float>& x,
                   std::size_t cols, std::size_t stride) {
  SCOPED_TRACE(testing::Message() << cols << " columns of " << sizeof(T));
  const Quantized<T> q(kernel, x, cols, stride);
  for (std::size_t r = 0; r < kRows; ++r) {
    float most = 0;
    for (std::size_t k = 0; k < cols; ++k) {
      most = std::max(most, std::fabs(x[r * cols + k]));
    }
    const float scale = q.scales[r].scale;
    EXPECT_EQ(scale, most / 127);
    std::int32_t sum = 0;
    for (std::size_t k = 0; k < stride; ++k) {
      const int value = q.values[r * stride + k];
      sum += value;
      EXPECT_LE(std::abs(value), 127);
      if (k >= cols) {
        EXPECT_EQ(value, 0);
      } else {
        EXPECT_NEAR(static_cast<float>(value) * scale, x[r * cols + k],
                    0.50001f * scale);
      }
    }
    EXPECT_EQ(q.scales[r].sum, sum);
  }
}

class QuantizeTest : public KernelTest<QuantizeRowsFn> {};

TEST_P(QuantizeTest, RoundsToTheNearestStep) {
  for (std::size_t cols = 1; cols <= 70; ++cols) {
    for (const std::size_t more : {0u, 1u, 64u}) {
      const std::vector<float> x = RandomNormal(kRows * cols, 7);
      ExpectRounded<std::int8_t>(kernel(), x, cols, cols + more);
      ExpectRounded<std::int16_t>(kernel(), x, cols, cols + more);
    }
  }
}

TEST_P(QuantizeTest, GivesTheBitsOfTheScalarKernel) {
  for (const std::size_t cols : {5u, 64u, 100u, 2048u}) {
    for (const float size : {1e-20f, 1.0f, 1e20f}) {
      const std::vector<float> x = RandomNormal(kRows * cols, 8, size);
      const Quantized<std::int8_t> q(kernel(), x, cols, cols);
      const Quantized<std::int8_t> want(QuantizeRowsScalar, x, cols, cols);
      EXPECT_EQ(q.values, want.values);
      for (std::size_t r = 0; r < kRows; ++r) {
        EXPECT_EQ(q.scales[r].scale, want.scales[r].scale);
      }
    }
  }
}

TEST_P(QuantizeTest, RoundsTiesToEven) {
  std::vector<float> x = {127, 0.5f, 1.5f, 2.5f, -0.5f, -1.5f, -126.5f};
  const std::size_t cols = x.size();
  x.resize(kRows * cols);
  const Quantized<std::int8_t> q(kernel(), x, cols, cols);
  const std::vector<std::int8_t> want = {127, 0, 2, 2, 0, -2, -126};
  EXPECT_TRUE(std::equal(want.begin(), want.end(), q.values.begin()));
}

TEST_P(QuantizeTest, KeepsWhatIsNotFiniteInTheScaleOfItsRow) {
  for (const std::size_t cols : {1u, 9u, 33u, 64u, 129u}) {
    for (const float value : {std::numeric_limits<float>::quiet_NaN(),
                              std::numeric_limits<float>::infinity(),
                              -std::numeric_limits<float>::infinity()}) {
      for (std::size_t at = 0; at < cols; ++at) {
        std::vector<float> x = RandomNormal(kRows * cols, 9);
        x[cols + at] = value;
        const Quantized<std::int8_t> q(kernel(), x, cols, cols);
        EXPECT_TRUE(std::isfinite(q.scales[0].scale));
        EXPECT_TRUE(std::isnan(q.scales[1].scale)) << at << " of " << cols;
        EXPECT_EQ(q.scales[1].sum, 0);
        EXPECT_TRUE(std::isfinite(q.scales[2].scale));
      }
    }
  }
}

TEST_P(QuantizeTest, MakesZerosOfZerosAndOfWhatIsSmall) {
  for (const float value : {0.0f, -0.0f, 1e-40f, 0x1p-101f}) {
    const std::vector<float> x(kRows * 20, value);
    const Quantized<std::int8_t> q(kernel(), x, 20, 20);
    EXPECT_EQ(q.values, std::vector<std::int8_t>(kRows * 20));
    EXPECT_EQ(q.scales[0].scale, 0.0f);
  }
}

TEST_P(QuantizeTest, TakesRowsWithoutElements) {
  const Quantized<std::int8_t> q(kernel(), {}, 0, 4);
  EXPECT_EQ(q.values, std::vector<std::int8_t>(kRows * 4));
  EXPECT_EQ(q.scales[2].scale, 0.0f);
}

TEST_P(QuantizeTest, RoundsToBf16) {
  for (std::size_t cols = 1; cols <= 70; ++cols) {
    std::vector<float> x = RandomNormal(kRows * cols, 3);
    constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();
    constexpr float kInfinity = std::numeric_limits<float>::infinity();
    const float special[] = {kNaN,  -kNaN,      kInfinity,  -kInfinity,
                             -0.0f, 0x1.01p+0f, 0x1.03p+0f, 0x1.fffffep+127f};
    for (std::size_t i = 0; i < x.size(); i += 3) x[i] = special[i / 3 % 8];
    const std::size_t stride = cols + 3;
    std::vector<Bf16> q(kRows * stride, Bf16{0xffff});
    std::vector<RowScale> scales(kRows);
    kernel()(
        Dense<const float>(x.data(), kRows, cols),
        {ElementType::kBf16, q.data(), kRows, cols, stride, scales.data()});
    for (std::size_t i = 0; i < q.size(); ++i) {
      const std::size_t r = i / stride, c = i % stride;
      const Bf16 want = c < cols ? ToBf16(x[r * cols + c]) : Bf16{0};
      EXPECT_EQ(q[i].bits, want.bits) << "row " << r << " column " << c;
    }
    EXPECT_EQ(scales[0].scale, 1.0f);
  }
}

TESSERA_INSTANTIATE_KERNELS(QuantizeTest, QuantizeRowsKernels());

}  // namespace
}  // namespace tessera::kernels
