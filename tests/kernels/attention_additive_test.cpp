// Additive attention against float64; once for each TESSERA_ISA.
#include <gtest/gtest.h>

#include <array>
#include <cmath>

#include "tests/kernels/attention_case.h"

namespace tessera::kernels {
namespace {

const std::vector<Lengths> kLengths = {{1, 1},  {17, 17},  {40, 25},
                                       {5, 70}, {30, 600}, {3, 0}};

Batch AdditiveBatch(const AttentionShape& shape, unsigned seed, float scale) {
  Batch b = RandomBatch(shape, kLengths, seed, scale);
  for (float& key : b.keys) key *= scale;
  b.score_weights = RandomNormal(shape.heads * shape.key_width, seed + 3, 0.3f);
  return b;
}

void ExpectAllPaths(const Batch& b, const std::string& what) {
  std::vector<float> weights;
  const std::vector<float> one = RunCached(b);
  ExpectNear(b, one, what);
  EXPECT_EQ(one, RunRows(b)) << what << ": from rows";
  EXPECT_EQ(one, RunCached(b, 1, &weights)) << what << ": weights asked for";
  ExpectWeightsNear(b, weights);
  EXPECT_EQ(one, RunCached(b, 3)) << what << ": 3 threads";
}

TEST(AdditiveAttentionTest, MatchesFloat64ForEveryHiddenWidth) {
  for (const std::size_t hidden : {1u, 7u, 16u, 20u, 64u, 100u}) {
    for (const bool causal : {false, true}) {
      ExpectAllPaths(AdditiveBatch(Shape(2, 2, hidden, 12, causal), 1, 1.0f),
                     "hidden width " + std::to_string(hidden));
    }
  }
}

TEST(AdditiveAttentionTest, SumsFarFromZeroKeepTheirSign) {
  // Up to +-60: beyond what the factored exponential can hold.
  for (const float scale : {5.0f, 10.0f, 20.0f}) {
    ExpectAllPaths(AdditiveBatch(Shape(2, 1, 16, 16, false), 2, scale),
                   "scale " + std::to_string(scale));
  }
}

TEST(AdditiveAttentionTest, LargeQueriesAndKeysThatCancelAreExact) {
  Batch b = AdditiveBatch(Shape(1, 1, 8, 8, false), 3, 1.0f);
  for (float& query : b.queries) query += 50.0f;
  for (float& key : b.keys) key -= 50.0f;
  ExpectAllPaths(b, "50 - 50");
}

TEST(AdditiveAttentionTest, ReluAndWindowsWorkOnAdditiveScores) {
  AttentionShape shape = Shape(2, 2, 16, 8, true);
  shape.window = 20;
  ExpectAllPaths(AdditiveBatch(shape, 4, 1.0f), "window");
  shape.normaliser = Normaliser::kRelu;
  ExpectAllPaths(AdditiveBatch(shape, 5, 1.0f), "relu");
}

TEST(AdditiveAttentionTest, UnseenKeysHaveNoInfluenceEvenIfNotANumber) {
  Batch b = RandomBatch(Shape(1, 1, 16, 8, true), {{20, 20}}, 6);
  b.score_weights = RandomNormal(16, 7);
  const std::vector<float> clean = RunRows(b);
  std::fill_n(&b.keys[19 * 16], 16, kNan);
  std::fill_n(&b.values[19 * 8], 8, kNan);
  const std::vector<float> dirty = RunRows(b);
  for (std::size_t i = 0; i < 19 * 8; ++i) ASSERT_EQ(clean[i], dirty[i]);
  EXPECT_TRUE(std::isnan(dirty[19 * 8]));
}

TEST(AdditiveAttentionTest, ScoresStayWithinTheirError) {
  // One key: weights are 1, so look at scores through ReLU weights.
  AttentionShape shape = Shape(1, 1, 64, 1, false);
  shape.normaliser = Normaliser::kRelu;
  Batch b = RandomBatch(shape, {{50, 200}}, 8);
  b.score_weights = RandomNormal(64, 9);
  double magnitude = 0;
  for (const float w : b.score_weights) {
    magnitude += std::fabs(static_cast<double>(w));
  }
  std::vector<float> weights;
  RunCached(b, 1, &weights);
  const auto expected = reference::Attention(ReferenceCase(b, 0, 0));
  for (std::size_t i = 0; i < weights.size(); ++i) {
    ASSERT_NEAR(static_cast<double>(weights[i]), expected.weights[i],
                static_cast<double>(kAdditiveMaxScoreError) * magnitude);
  }
}

// The worked example of the founding texts: 2 queries and 10 pairs in each of 2
// sequences, value width 4, hidden width 16, queries of width 20, keys of 2.
struct Worked {
  static double Q(int b, int n, int j) {
    return ((5 * b + 3 * n + 2 * j) % 7 - 3) / 4.0;
  }
  static double K(int b, int m, int j) {
    return ((3 * b + 2 * m + 5 * j) % 9 - 4) / 4.0;
  }
  static double Wq(int i, int j) { return ((7 * i + 3 * j) % 11 - 5) / 10.0; }
  static double Wk(int i, int j) { return ((5 * i + 4 * j) % 11 - 5) / 10.0; }
};

// Projected queries and keys, values, and the lengths given, if any.
Batch WorkedBatch(bool additive,
                  std::vector<std::vector<std::int32_t>> lengths) {
  AttentionShape shape = SelfAttentionShape(1, additive ? 16 : 2, false);
  shape.value_width = 4;
  Batch b{.shape = shape};
  b.query_offsets = {0, 2, 4};
  b.key_offsets = {0, 10, 20};
  b.query_lengths = std::move(lengths);
  for (int batch = 0; batch < 2; ++batch) {
    for (int n = 0; n < 2; ++n) {
      for (int i = 0; i < static_cast<int>(shape.key_width); ++i) {
        double sum = additive ? 0.0 : Worked::Q(batch, n, i);
        for (int j = 0; additive && j < 20; ++j) {
          sum += Worked::Wq(i, j) * Worked::Q(batch, n, j);
        }
        b.queries.push_back(static_cast<float>(sum));
      }
    }
    for (int m = 0; m < 10; ++m) {
      for (int i = 0; i < static_cast<int>(shape.key_width); ++i) {
        double sum = additive ? 0.0 : Worked::K(batch, m, i);
        for (int j = 0; additive && j < 2; ++j) {
          sum += Worked::Wk(i, j) * Worked::K(batch, m, j);
        }
        b.keys.push_back(static_cast<float>(sum));
      }
      for (int j = 0; j < 4; ++j) {
        b.values.push_back(static_cast<float>((40 * batch + 4 * m + j) / 10.0));
      }
    }
  }
  for (int i = 0; additive && i < 16; ++i) {
    b.score_weights.push_back(static_cast<float>((3 * i % 7 - 3) / 5.0));
  }
  return b;
}

void ExpectWorked(const Batch& b, const std::array<double, 4>& expected) {
  const std::vector<float> out = RunCached(b);
  for (std::size_t row = 0; row < 4; ++row) {
    for (std::size_t j = 0; j < 4; ++j) {
      const double want = expected[row] == 0.0
                              ? 0.0
                              : expected[row] + 0.1 * static_cast<double>(j);
      EXPECT_NEAR(static_cast<double>(out[row * 4 + j]), want, 3e-6)
          << "row " << row << " column " << j;
    }
  }
}

using QueryLengths = std::vector<std::vector<std::int32_t>>;

TEST(AdditiveAttentionTest, WorkedExampleGivesTheGoldenNumbers) {
  ExpectWorked(WorkedBatch(true, {}),
               {1.83853522, 1.83262424, 5.76493669, 5.76143952});
  ExpectWorked(WorkedBatch(true, QueryLengths{{2, 2}, {6, 6}}),
               {0.19174630, 0.19210107, 5.02843020, 5.01825127});
}

TEST(AttentionWorkedExampleTest, DotProductsGiveTheGoldenNumbers) {
  ExpectWorked(WorkedBatch(false, {}),
               {1.74719794, 1.79145265, 5.73181998, 5.80854735});
  ExpectWorked(WorkedBatch(false, QueryLengths{{2, 2}, {6, 6}}),
               {0.16500840, 0.21763178, 5.05333914, 5.03219008});
}

// A length for each query: here the first query sees the first pair alone,
// whose values start at 0, or at 4.
TEST(AttentionWorkedExampleTest, LengthsByQueryGiveTheGoldenNumbers) {
  const QueryLengths lengths = {{1, 3}, {2, 4}};
  const auto first_columns = [](const Batch& b) {
    const std::vector<float> out = RunCached(b);
    return std::array<float, 4>{out[0], out[4], out[8], out[12]};
  };
  const std::array<double, 4> additive = {0, 0.49378534, 4.25730423,
                                          4.60412348};
  const std::array<double, 4> dot = {0, 0.34962005, 4.30046742, 4.64033299};
  const auto got_additive = first_columns(WorkedBatch(true, lengths));
  const auto got_dot = first_columns(WorkedBatch(false, lengths));
  for (std::size_t i = 0; i < 4; ++i) {
    EXPECT_NEAR(static_cast<double>(got_additive[i]), additive[i], 3e-6);
    EXPECT_NEAR(static_cast<double>(got_dot[i]), dot[i], 3e-6);
  }
}

}  // namespace
}  // namespace tessera::kernels
