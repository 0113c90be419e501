// Attention against float64 in its plain forms; run once for each TESSERA_ISA.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>

#include "tests/kernels/attention_case.h"

namespace tessera::kernels {
namespace {

TEST(AttentionTest, MatchesFloat64ForEverySmallLength) {
  for (int n = 1; n <= 40; ++n) {
    for (const bool causal : {false, true}) {
      const Batch b =
          RandomBatch(Shape(2, 2, 16, 16, causal),
                      {{n, n}, {1, n}, {n, 41 - n}}, static_cast<unsigned>(n));
      ExpectNear(b, RunRows(b), "rows n=" + std::to_string(n));
      ExpectNear(b, RunCached(b), "cached n=" + std::to_string(n));
    }
  }
}

TEST(AttentionTest, MatchesFloat64ForEveryWidth) {
  for (std::size_t width = 1; width <= 70; ++width) {
    const Batch b =
        RandomBatch(Shape(3, 3, width, 71 - width, true), {{19, 19}, {7, 33}},
                    static_cast<unsigned>(width));
    ExpectNear(b, RunRows(b), "width " + std::to_string(width));
    ExpectNear(b, RunCached(b), "width " + std::to_string(width));
  }
  for (const std::size_t width : {80u, 96u, 100u, 128u, 200u, 256u}) {
    const Batch b =
        RandomBatch(Shape(1, 1, width, width, false), {{13, 50}}, 7);
    ExpectNear(b, RunRows(b), "width " + std::to_string(width));
  }
}

TEST(AttentionTest, MatchesFloat64AcrossChunksOfKeys) {
  for (const int m : {511, 512, 513, 1023, 1024, 1040, 2047, 4096}) {
    for (const bool causal : {false, true}) {
      const Batch b = RandomBatch(Shape(1, 1, 64, 64, causal),
                                  {{97, m}, {1, m}}, static_cast<unsigned>(m));
      ExpectNear(b, RunRows(b), "rows m=" + std::to_string(m));
      ExpectNear(b, RunCached(b), "cached m=" + std::to_string(m));
    }
  }
}

TEST(AttentionTest, HeadsMayShareKeysAndValues) {
  const Batch b = RandomBatch(Shape(6, 2, 20, 12, true), {{23, 40}, {5, 5}}, 3);
  ExpectNear(b, RunRows(b), "rows");
  ExpectNear(b, RunCached(b), "cached");
}

TEST(AttentionTest, QueriesThatSeeNoKeyGiveZeros) {
  // Bottom-right alignment: the first 4 of 9 queries come before all 5 keys.
  const Batch b = RandomBatch(Shape(2, 2, 8, 8, true), {{9, 5}, {3, 0}}, 4);
  const std::vector<float> out = RunRows(b);
  for (std::size_t i = 0; i < 4 * 16; ++i) EXPECT_EQ(out[i], 0.0f);
  for (std::size_t i = 9 * 16; i < 12 * 16; ++i) EXPECT_EQ(out[i], 0.0f);
  EXPECT_NE(out[4 * 16], 0.0f);
}

TEST(AttentionTest, LargeLogitsAndADominantKeyStayExact) {
  const Batch b = RandomBatch(Shape(2, 2, 64, 64, false), {{10, 700}}, 5, 1e3f);
  ExpectNear(b, RunRows(b), "logits of +-1e4");
}

TEST(AttentionTest, EqualScoresGiveTheMean) {
  Batch b = RandomBatch(Shape(1, 1, 8, 8, false), {{3, 600}}, 6);
  std::fill(b.keys.begin(), b.keys.end(), 0.25f);
  ExpectNear(b, RunRows(b), "all equal");
}

TEST(AttentionTest, UnseenKeysHaveNoInfluenceEvenIfNotANumber) {
  for (const int n : {5, 17, 100, 530}) {
    Batch b = RandomBatch(Shape(2, 2, 24, 24, true), {{n, n}}, 8);
    const std::vector<float> clean = RunRows(b);
    const std::size_t columns = 48;
    const std::size_t last = static_cast<std::size_t>(n) - 1;
    std::fill_n(&b.keys[last * columns], columns, kNan);
    std::fill_n(&b.values[last * columns], columns, kNan);
    for (const std::vector<float>& out : {RunRows(b), RunCached(b)}) {
      EXPECT_EQ(0, std::memcmp(clean.data(), out.data(),
                               last * columns * sizeof(float)));
      for (std::size_t c = 0; c < columns; ++c) {
        EXPECT_TRUE(std::isnan(out[last * columns + c]));
      }
    }
  }
}

TEST(AttentionTest, WeightsAreThoseOfFloat64AndRowsSumToOne) {
  for (const int m : {1, 15, 16, 17, 64, 511, 512, 700}) {
    const Batch b =
        RandomBatch(Shape(3, 3, 20, 20, true), {{std::min(m, 40), m}}, 9);
    const Cache cache(b);
    AttentionSequence sequence = cache.Sequence(b, 0);
    const std::size_t n = sequence.rows, keys = sequence.cache.length;
    std::vector<float> weights(3 * n * keys + 1, kNan);
    std::vector<float> out(n * 60);
    sequence.weights = weights.data();
    ExecContext context;
    Attention(b.shape, Dense(b.queries.data(), n, 60), {&sequence, 1},
              Dense(out.data(), n, 60), context);
    EXPECT_TRUE(std::isnan(weights.back())) << "wrote behind the weights";
    for (std::size_t head = 0; head < 3; ++head) {
      const auto expected = reference::Attention(ReferenceCase(b, 0, head));
      for (std::size_t i = 0; i < n; ++i) {
        double sum = 0;
        for (std::size_t j = 0; j < keys; ++j) {
          const double got =
              static_cast<double>(weights[(head * n + i) * keys + j]);
          ASSERT_NEAR(got, expected.weights[i * keys + j], 2e-6);
          sum += got;
        }
        EXPECT_NEAR(sum, 1.0, 1e-5);
      }
    }
    EXPECT_EQ(out, RunCached(b)) << "weights change nothing else";
  }
}

TEST(AttentionTest, BeamsOverSharedKeysGiveTheBitsOfOneBeam) {
  const AttentionShape shape = Shape(4, 4, 64, 64, false);
  const Batch five = RandomBatch(shape, {{5, 37}}, 10);
  const std::vector<float> together = RunCached(five);
  for (std::size_t beam = 0; beam < 5; ++beam) {
    Batch one = five;
    one.query_offsets = {0, 1};
    one.queries.assign(
        five.queries.begin() + static_cast<long>(beam * 256),
        five.queries.begin() + static_cast<long>(beam * 256 + 256));
    const std::vector<float> alone = RunCached(one);
    EXPECT_EQ(0, std::memcmp(alone.data(), &together[beam * 256],
                             256 * sizeof(float)));
  }
}

TEST(AttentionTest, BitsDependNeitherOnTheBatchNorOnThreads) {
  const AttentionShape shape = Shape(4, 4, 32, 32, true);
  const Batch batch = RandomBatch(
      shape, {{7, 7}, {300, 300}, {1, 90}, {64, 600}, {33, 33}}, 11);
  const std::vector<float> one = RunRows(batch, 1);
  for (const std::size_t threads : {2u, 3u, 4u}) {
    EXPECT_EQ(one, RunRows(batch, threads)) << threads << " threads";
  }
  EXPECT_EQ(one, RunCached(batch, 2)) << "from the cache";
  // The second sequence alone.
  Batch alone{.shape = shape};
  alone.query_offsets = alone.key_offsets = {0, 300};
  const auto cut = [](const std::vector<float>& from) {
    return std::vector<float>(from.begin() + 7 * 128, from.begin() + 307 * 128);
  };
  alone.queries = cut(batch.queries);
  alone.keys = cut(batch.keys);
  alone.values = cut(batch.values);
  EXPECT_EQ(RunRows(alone), cut(one));
}

TEST(AttentionTest, CachedDecodingGivesTheBitsOfAWholePass) {
  const AttentionShape shape = Shape(2, 2, 20, 20, true);
  const Batch whole = RandomBatch(shape, {{50, 50}}, 12);
  const std::vector<float> at_once = RunRows(whole);
  for (const std::size_t t : {0u, 1u, 15u, 16u, 17u, 49u}) {
    Batch step = whole;
    step.query_offsets = {0, 1};
    step.key_offsets = {0, static_cast<std::int32_t>(t) + 1};
    step.queries.assign(whole.queries.begin() + static_cast<long>(t * 40),
                        whole.queries.begin() + static_cast<long>(t * 40 + 40));
    EXPECT_EQ(0, std::memcmp(RunCached(step).data(), &at_once[t * 40],
                             40 * sizeof(float)))
        << "position " << t;
  }
}

// The four words of the founding texts: w1..w4 = [1,0] [0,1] [1,1] [0,0].
Batch FourWords(bool causal) {
  Batch b{.shape = SelfAttentionShape(1, 2, causal)};
  b.query_offsets = b.key_offsets = {0, 4};
  b.queries = b.keys = b.values = {1, 0, 0, 1, 1, 1, 0, 0};
  return b;
}

void ExpectAll(const std::vector<float>& got,
               const std::vector<double>& expected) {
  ASSERT_EQ(got.size(), expected.size());
  for (std::size_t i = 0; i < got.size(); ++i) {
    EXPECT_NEAR(static_cast<double>(got[i]), expected[i], 3e-7) << i;
  }
}

TEST(AttentionTest, FourWordsGiveTheGoldenNumbers) {
  ExpectAll(RunRows(FourWords(false)), {0.66976155, 0.5, 0.5, 0.66976155,
                                        0.66976155, 0.66976155, 0.5, 0.5});
  ExpectAll(RunRows(FourWords(true)),
            {1, 0, 0.33023845, 0.66976155, 0.75174492, 0.75174492, 0.5, 0.5});
}

TEST(AttentionTest, ValidLengthsOfEqualKeysGiveExactMeans) {
  Batch b{.shape = SelfAttentionShape(1, 4, false)};
  b.query_offsets = {0, 1, 2};
  b.key_offsets = {0, 2, 8};
  b.queries.assign(8, 0.5f);
  b.keys.assign(8 * 4, 1.0f);
  for (int i = 0; i < 8; ++i) b.values.push_back(static_cast<float>(i));
  for (int i = 0; i < 24; ++i) b.values.push_back(static_cast<float>(i));
  EXPECT_EQ(RunRows(b), (std::vector<float>{2, 3, 4, 5, 10, 11, 12, 13}));
}

}  // namespace
}  // namespace tessera::kernels
