// Conversion of every 16-bit pattern against arithmetic in double.
#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cfenv>
#include <cmath>
#include <cstddef>
#include <limits>
#include <vector>

#include "models/weights/dtype.h"

namespace tessera::models {
namespace {

// The value of a float with these field widths, by the definition of IEEE 754.
double ByDefinition(std::uint32_t bits, int exponent_bits, int fraction_bits) {
  const int bias = (1 << (exponent_bits - 1)) - 1;
  const int max_exponent = (1 << exponent_bits) - 1;
  const int fraction = static_cast<int>(bits & ((1u << fraction_bits) - 1));
  const int exponent = static_cast<int>(bits >> fraction_bits) & max_exponent;
  const double sign = bits >> (exponent_bits + fraction_bits) ? -1.0 : 1.0;
  if (exponent == max_exponent) {
    return fraction == 0 ? sign * std::numeric_limits<double>::infinity()
                         : std::numeric_limits<double>::quiet_NaN();
  }
  const int implicit = exponent == 0 ? 0 : 1 << fraction_bits;
  return sign * std::ldexp(implicit + fraction,
                           std::max(exponent, 1) - bias - fraction_bits);
}

std::vector<std::uint16_t> AllPatterns() {
  std::vector<std::uint16_t> patterns(65536);
  for (std::size_t i = 0; i < patterns.size(); ++i) {
    patterns[i] = static_cast<std::uint16_t>(i);
  }
  return patterns;
}

void ExpectExact(const std::vector<std::uint16_t>& in,
                 const std::vector<float>& out, int exponent_bits,
                 int fraction_bits) {
  for (std::size_t i = 0; i < in.size(); ++i) {
    const double want = ByDefinition(in[i], exponent_bits, fraction_bits);
    if (std::isnan(want)) {
      ASSERT_TRUE(std::isnan(out[i])) << std::hex << in[i];
      continue;
    }
    ASSERT_EQ(static_cast<double>(out[i]), want) << std::hex << in[i];
    ASSERT_EQ(std::signbit(out[i]), std::signbit(want)) << std::hex << in[i];
  }
}

TEST(ConvertTest, HalfIsExactForEveryPattern) {
  const auto in = AllPatterns();
  std::vector<float> out(in.size());
  ConvertF16(in, out);
  ExpectExact(in, out, 5, 10);
}

TEST(ConvertTest, BFloatIsExactForEveryPattern) {
  const auto in = AllPatterns();
  std::vector<float> out(in.size());
  ConvertBF16(in, out);
  ExpectExact(in, out, 8, 7);
}

TEST(ConvertTest, HalfDoesNotDependOnTheRoundingMode) {
  const auto in = AllPatterns();
  std::vector<float> nearest(in.size()), downward(in.size());
  ConvertF16(in, nearest);
  std::fesetround(FE_DOWNWARD);
  ConvertF16(in, downward);
  std::fesetround(FE_TONEAREST);
  for (std::size_t i = 0; i < in.size(); ++i) {
    ASSERT_EQ(std::bit_cast<std::uint32_t>(nearest[i]),
              std::bit_cast<std::uint32_t>(downward[i]))
        << std::hex << in[i];
  }
}

TEST(ConvertTest, NanKeepsItsPayload) {
  const std::vector<std::uint16_t> in = {0x7e01, 0xfc01};
  std::vector<float> out(in.size());
  ConvertF16(in, out);
  EXPECT_EQ(std::bit_cast<std::uint32_t>(out[0]), 0x7fc02000u);
  EXPECT_EQ(std::bit_cast<std::uint32_t>(out[1]), 0xff802000u);
}

}  // namespace
}  // namespace tessera::models
