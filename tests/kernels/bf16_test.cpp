// bf16 numbers, and the blocks that hold them.
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>

#include "kernels/attention/cache/key_value_blocks.h"
#include "kernels/views.h"
#include "tests/kernels/attention_bf16_case.h"

namespace tessera::kernels {
namespace {

TEST(Bf16Test, RoundsToTheNearestAndTiesToEven) {
  EXPECT_EQ(ToBf16(1.0f).bits, 0x3f80);
  EXPECT_EQ(ToBf16(0x1.01p0f).bits, 0x3f80);      // tie: down to even
  EXPECT_EQ(ToBf16(0x1.03p0f).bits, 0x3f82);      // tie: up to even
  EXPECT_EQ(ToBf16(0x1.010002p0f).bits, 0x3f81);  // above the tie
  EXPECT_EQ(ToBf16(-0x1.03p0f).bits, 0xbf82);
  EXPECT_EQ(ToBf16(3.4e38f).bits, 0x7f80);  // beyond the largest
  EXPECT_EQ(ToBf16(-0.0f).bits, 0x8000);
  EXPECT_TRUE(std::isinf(ToFloat(ToBf16(INFINITY))));
}

TEST(Bf16Test, KeepsNotANumberAndEveryBf16) {
  for (std::uint32_t bits = 0; bits < 0x10000; ++bits) {
    const Bf16 x{static_cast<std::uint16_t>(bits)};
    if (std::isnan(ToFloat(x))) {
      EXPECT_TRUE(std::isnan(ToFloat(ToBf16(ToFloat(x))))) << bits;
    } else {
      EXPECT_EQ(ToBf16(ToFloat(x)).bits, bits);
    }
  }
  // Mantissas that rounding would carry into the sign, or to infinity.
  for (const std::uint32_t bits : {0x7fffffffu, 0x7f800001u, 0xffffffffu}) {
    float x;
    std::memcpy(&x, &bits, sizeof x);
    EXPECT_TRUE(std::isnan(ToFloat(ToBf16(x)))) << bits;
  }
}

// What a block should hold, from the definition of the layout.
void ExpectBlock(const BlockLayout& shape, const std::vector<float>& keys,
                 const std::vector<float>& values, std::size_t n,
                 const std::vector<Bf16>& key_block,
                 const std::vector<Bf16>& value_block) {
  const std::size_t key_head = shape.key_head_bytes() / sizeof(Bf16);
  const std::size_t value_head = shape.value_head_bytes() / sizeof(Bf16);
  for (std::size_t h = 0; h < shape.kv_heads; ++h) {
    for (std::size_t i = 0; i < key_head; ++i) {
      const std::size_t k = i / 32 * 2 + i % 2, lane = i % 32 / 2;
      const bool there = lane < n && k < shape.key_width;
      const std::size_t columns = shape.kv_heads * shape.key_width;
      const float key =
          there ? keys[lane * columns + h * shape.key_width + k] : 0.0f;
      ASSERT_EQ(key_block[h * key_head + i].bits, ToBf16(key).bits) << i;
    }
    for (std::size_t i = 0; i < value_head; ++i) {
      const std::size_t words = 2 * shape.value_width;
      const std::size_t c = i % words / 2, lane = i / words * 2 + i % 2;
      const std::size_t columns = shape.kv_heads * shape.value_width;
      const float value =
          lane < n ? values[lane * columns + h * shape.value_width + c] : 0.0f;
      ASSERT_EQ(value_block[h * value_head + i].bits, ToBf16(value).bits) << i;
    }
  }
}

TEST(Bf16BlocksTest, PositionsStandInPairsWhicheverWayTheyCame) {
  for (const std::size_t width : {1u, 2u, 7u, 8u, 9u, 16u, 20u, 64u, 71u}) {
    const BlockLayout shape = {.kv_heads = 2,
                               .key_width = width,
                               .value_width = 73 - width,
                               .type = ElementType::kBf16};
    const std::size_t key_columns = 2 * width,
                      value_columns = 146 - key_columns;
    std::vector<float> keys = RandomNormal(16 * key_columns, 1);
    const std::vector<float> values = RandomNormal(16 * value_columns, 2);
    keys[3] = kNan;
    const std::vector<Bf16> rounded_keys = Round(keys),
                            rounded_values = Round(values);
    for (const std::size_t n : {1u, 2u, 15u, 16u}) {
      const std::vector<Bf16> none(shape.key_bytes() / 2, ToBf16(kNan));
      const std::vector<Bf16> no_values(shape.value_bytes() / 2, ToBf16(kNan));
      std::vector<Bf16> a = none, b = no_values, c = none, d = no_values;
      const Rows<const float> key_rows = Dense(keys.data(), n, key_columns);
      const Rows<const float> value_rows =
          Dense(values.data(), n, value_columns);
      PackPositions(shape, key_rows, value_rows, {a.data(), b.data()});
      ExpectBlock(shape, keys, values, n, a, b);
      const Rows<const Bf16> bf16_keys =
          Dense(rounded_keys.data(), n, key_columns);
      const Rows<const Bf16> bf16_values =
          Dense(rounded_values.data(), n, value_columns);
      PackPositions(shape, bf16_keys, bf16_values, {c.data(), d.data()});
      ExpectBlock(shape, keys, values, n, c, d);
      if (n < kPositionsPerBlock) continue;
      a = none;
      b = no_values;
      for (std::size_t lane = 0; lane < n; ++lane) {
        AppendPositions(shape, bf16_keys.Slice(lane, 1),
                        bf16_values.Slice(lane, 1), lane, {a.data(), b.data()});
      }
      ExpectBlock(shape, keys, values, n, a, b);
    }
  }
}

}  // namespace
}  // namespace tessera::kernels
