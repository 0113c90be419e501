// Buckets of distances against the published table, and biases as attention
// reads them.
#include "models/layers/relative_bias.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "kernels/attention/attention.h"
#include "tests/models/weights/tensor_folder.h"

namespace tessera::models {
namespace {

using kernels::Dense;
using Values = std::vector<float>;

// The smallest distance of each bucket, of T5's 32 up to 128.
TEST(RelativeBucketTest, AreThoseOfT5) {
  const std::vector<std::int64_t> both = {0, 1,  2,  3,  4,  5,  6,  7,
                                          8, 12, 16, 23, 32, 46, 64, 91};
  const std::vector<std::int64_t> one = {
      0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12, 13, 14, 15,
      16, 19, 21, 24, 27, 31, 35, 40, 46, 52, 59, 67, 77, 87, 99, 113};
  for (std::int64_t r = 0; r < 300; ++r) {
    const auto bucket = [&](const std::vector<std::int64_t>& smallest) {
      return static_cast<std::size_t>(std::ranges::upper_bound(smallest, r) -
                                      smallest.begin() - 1);
    };
    const RelativeBuckets ways = {.count = 32, .reach = 128, .both_ways = true};
    EXPECT_EQ(RelativeBucket(ways, -r), bucket(both)) << r;
    EXPECT_EQ(RelativeBucket(ways, r), bucket(both) + (r > 0 ? 16 : 0)) << r;
    const RelativeBuckets way = {.count = 32, .reach = 128};
    EXPECT_EQ(RelativeBucket(way, -r), bucket(one)) << r;
    EXPECT_EQ(RelativeBucket(way, r), 0u) << r;
  }
}

TEST(RelativeBucketTest, OddCountsLeaveTheLastUnusedBothWays) {
  const RelativeBuckets ways = {.count = 7, .reach = 9, .both_ways = true};
  for (std::int64_t d = -40; d <= 40; ++d) {
    EXPECT_LT(RelativeBucket(ways, d), 6u) << d;
  }
  EXPECT_EQ(RelativeBucket(ways, -40), 2u);
  EXPECT_EQ(RelativeBucket(ways, 40), 5u);
  EXPECT_EQ(RelativeBucket({.count = 7, .reach = 9}, -40), 6u);
}

constexpr std::size_t kHeads = 3, kWidth = 4;

StackShape Shape(bool both_ways, bool each_layer) {
  return {.layers = 2,
          .width = 8,
          .attention = {.heads = kHeads,
                        .key_width = kWidth,
                        .value_width = kWidth,
                        .score = Score::kDot},
          .relative = {.count = 6,
                       .reach = 11,
                       .both_ways = both_ways,
                       .each_layer = each_layer}};
}

// Weights [6, heads] of two layers.
class RelativeBiasesTest : public testing::Test {
 protected:
  RelativeBiasesTest() {
    for (int layer = 0; layer < 2; ++layer) {
      Values values;
      for (std::size_t i = 0; i < 6 * kHeads; ++i) {
        values.push_back(
            std::sin(static_cast<float>(i) + 0.3f * static_cast<float>(layer)));
      }
      folder_.Add("encoder.layers." + std::to_string(layer) +
                      ".self_attn.relative_bias.weight",
                  {6, kHeads}, values);
      weights_.push_back(values);
    }
  }
  RelativeBiases Load(const StackShape& shape) {
    TensorNames names;
    names.rules = {{"*.layers.*.self_attention.relative_bias",
                    {"*.layers.*.self_attn.relative_bias"}}};
    return {folder_.Source(names).Within("encoder"), shape};
  }

  TensorFolder folder_;
  std::vector<Values> weights_;
};

TEST_F(RelativeBiasesTest, ViewsHoldTheWeightOfEachDistance) {
  for (const bool both_ways : {false, true}) {
    for (const bool each : {false, true}) {
      const StackShape shape = Shape(both_ways, each);
      const RelativeBiases biases = Load(shape);
      constexpr std::size_t kPositions = 30;
      Values table(biases.floats(kPositions));
      biases.Fill(kPositions, table.data());
      for (std::size_t layer = 0; layer < 2; ++layer) {
        for (std::size_t q = 0; q < kPositions; ++q) {
          const kernels::ScoreBias bias =
              biases.View(layer, q, kPositions, table.data());
          const std::size_t keys = both_ways ? kPositions : q + 1;
          for (std::size_t i = 0; i < keys * kHeads; ++i) {
            const std::size_t h = i / keys, k = i % keys;
            const auto distance =
                static_cast<std::int64_t>(k) - static_cast<std::int64_t>(q);
            const std::size_t bucket = RelativeBucket(shape.relative, distance);
            ASSERT_EQ(
                bias.data[static_cast<std::ptrdiff_t>(h) * bias.head_stride +
                          static_cast<std::ptrdiff_t>(k)],
                weights_[each ? layer : 0][bucket * kHeads + h]);
          }
        }
      }
    }
  }
}

TEST_F(RelativeBiasesTest, AreNoneWithoutBuckets) {
  const RelativeBiases none = Load({.layers = 2});
  EXPECT_TRUE(none.empty());
  EXPECT_EQ(none.floats(10), 0u);
  EXPECT_EQ(none.View(1, 0, 10, nullptr).data, nullptr);
}

// Softmax attention of one query in float64, with its biases.
std::vector<double> Exact(const Values& qkv, std::size_t columns,
                          std::size_t query, std::size_t first,
                          std::size_t keys, std::size_t head,
                          const std::vector<double>& bias) {
  const auto at = [&](std::size_t row, std::size_t column) {
    return static_cast<double>(qkv[row * columns + column]);
  };
  std::vector<double> out(kWidth);
  double sum = 0;
  for (std::size_t k = 0; k < keys; ++k) {
    double score = bias[k];
    for (std::size_t c = 0; c < kWidth; ++c) {
      score += at(query, head * kWidth + c) *
               at(first + k, (kHeads + head) * kWidth + c);
    }
    sum += std::exp(score);
    for (std::size_t c = 0; c < kWidth; ++c) {
      out[c] +=
          std::exp(score) * at(first + k, (2 * kHeads + head) * kWidth + c);
    }
  }
  for (double& value : out) value /= sum;
  return out;
}

// Sentences of several lengths, one bias for all: as an encoder runs.
TEST_F(RelativeBiasesTest, AttentionOfRaggedRowsIsThatOfFloat64) {
  const StackShape shape = Shape(true, false);
  const RelativeBiases biases = Load(shape);
  const std::array<std::int32_t, 5> offsets = {0, 1, 18, 18, 151};
  constexpr std::size_t kLongest = 133, kColumns = 3 * kHeads * kWidth;
  Values qkv(151 * kColumns);
  for (std::size_t i = 0; i < qkv.size(); ++i) {
    qkv[i] = std::sin(0.7f * static_cast<float>(i % 1009));
  }
  Values table(biases.floats(kLongest));
  biases.Fill(kLongest, table.data());
  const kernels::Rows<float> all = Dense(qkv.data(), 151, kColumns);
  constexpr std::size_t kOwn = kHeads * kWidth;
  Values out(151 * kOwn);
  kernels::ExecContext context;
  AttentionRows(shape.attention.shape({}),
                {.queries = all.Columns(0, kOwn),
                 .keys = all.Columns(kOwn, kOwn),
                 .values = all.Columns(2 * kOwn, kOwn),
                 .query_offsets = offsets,
                 .key_offsets = offsets,
                 .bias = biases.View(0, 0, kLongest, table.data())},
                Dense(out.data(), 151, kOwn), context);
  for (std::size_t b = 0; b + 1 < offsets.size(); ++b) {
    const auto first = static_cast<std::size_t>(offsets[b]);
    const std::size_t keys = static_cast<std::size_t>(offsets[b + 1]) - first;
    for (std::size_t i = 0; i < keys * kHeads; ++i) {
      const std::size_t q = i / kHeads, h = i % kHeads;
      std::vector<double> bias(keys);
      for (std::size_t k = 0; k < keys; ++k) {
        const auto distance =
            static_cast<std::int64_t>(k) - static_cast<std::int64_t>(q);
        const std::size_t bucket = RelativeBucket(shape.relative, distance);
        bias[k] = static_cast<double>(weights_[0][bucket * kHeads + h]);
      }
      const auto exact = Exact(qkv, kColumns, first + q, first, keys, h, bias);
      for (std::size_t c = 0; c < kWidth; ++c) {
        const double value =
            static_cast<double>(out[(first + q) * kOwn + h * kWidth + c]);
        ASSERT_NEAR(value, exact[c], 5e-6) << b << " " << q << " " << h;
      }
    }
  }
}

}  // namespace
}  // namespace tessera::models
