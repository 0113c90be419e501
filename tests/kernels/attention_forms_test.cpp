// Attention with windows, lengths, masks, biases and ReLU; once for each
// TESSERA_ISA.
#include "tests/kernels/attention_forms.h"

#include <gtest/gtest.h>

#include <cstring>

namespace tessera::kernels {
namespace {

void ExpectAllPaths(const Batch& b, const std::string& what) {
  std::vector<float> weights;
  const std::vector<float> one = RunCached(b);
  ExpectNear(b, one, what);
  EXPECT_EQ(one, RunCached(b, 1, &weights)) << what << ": weights asked for";
  ExpectWeightsNear(b, weights);
  EXPECT_EQ(one, RunCached(b, 3)) << what << ": 3 threads";
}

TEST(AttentionFormsTest, WindowsHideKeysThatAreFar) {
  for (const bool causal : {false, true}) {
    for (const std::size_t window : {1u, 2u, 16u, 33u, 513u, 2000u}) {
      AttentionShape shape = Shape(2, 2, 20, 24, causal);
      shape.window = window;
      ExpectAllPaths(RandomBatch(shape, kFormLengths, 1),
                     "window " + std::to_string(window));
    }
  }
}

TEST(AttentionFormsTest, QueriesMayHaveLengthsOfTheirOwn) {
  for (const bool causal : {false, true}) {
    Batch b = RandomBatch(Shape(2, 1, 16, 16, causal), kFormLengths, 2);
    AddQueryLengths(b);
    ExpectAllPaths(b, "lengths");
  }
}

TEST(AttentionFormsTest, DenseBiasesAddToScores) {
  const AttentionShape shape = Shape(2, 2, 12, 8, true);
  Batch b = RandomBatch(shape, kFormLengths, 3);
  const std::vector<float> bias = RandomBias(shape.heads);
  AddDenseBiases(b, bias);
  ExpectAllPaths(b, "dense bias");
}

TEST(AttentionFormsTest, BiasesByDistanceAddToScores) {
  for (const bool causal : {false, true}) {
    const AttentionShape shape = Shape(3, 3, 16, 16, causal);
    Batch b = RandomBatch(shape, kFormLengths, 4);
    const std::vector<float> bias = RandomBias(shape.heads);
    AddBiasesByDistance(b, bias);
    ExpectAllPaths(b, "bias by distance");
  }
}

TEST(AttentionFormsTest, MasksHideAnyKeys) {
  const AttentionShape shape = Shape(2, 2, 16, 20, false);
  Batch b = RandomBatch(shape, kFormLengths, 5);
  std::vector<std::uint8_t> mask = RandomMask(2);
  AddMasks(b, mask);
  ExpectAllPaths(b, "mask");
  std::fill(mask.begin(), mask.end(), std::uint8_t{0});
  for (const float value : RunCached(b)) ASSERT_EQ(value, 0.0f);
}

TEST(AttentionFormsTest, MaskedValuesHaveNoInfluenceEvenIfNotANumber) {
  Batch b = RandomBatch(Shape(1, 1, 8, 8, false), {{20, 40}}, 6);
  std::vector<std::uint8_t> mask(20 * 40, 1);
  for (std::size_t i = 0; i < 20; ++i) mask[i * 40 + 7] = mask[i * 40 + 33] = 0;
  b.masks.push_back({mask.data(), 0, 40});
  const std::vector<float> clean = RunCached(b);
  for (const std::size_t key : {7u, 33u}) {
    std::fill_n(&b.keys[key * 8], 8, kNan);
    std::fill_n(&b.values[key * 8], 8, kNan);
  }
  EXPECT_EQ(clean, RunCached(b));
}

TEST(AttentionFormsTest, WindowedValuesHaveNoInfluenceEvenIfNotANumber) {
  AttentionShape shape = Shape(1, 1, 8, 8, true);
  shape.window = 10;
  Batch b = RandomBatch(shape, {{60, 60}}, 7);
  const std::vector<float> clean = RunCached(b);
  std::fill_n(b.keys.begin(), 3 * 8, kNan);
  std::fill_n(b.values.begin(), 3 * 8, kNan);
  const std::vector<float> dirty = RunCached(b);
  EXPECT_EQ(
      0, std::memcmp(&clean[12 * 8], &dirty[12 * 8], 48 * 8 * sizeof(float)));
}

TEST(AttentionFormsTest, ReluWeightsAreNotNormalised) {
  for (const bool causal : {false, true}) {
    AttentionShape shape = Shape(2, 2, 16, 16, causal);
    shape.normaliser = Normaliser::kRelu;
    ExpectAllPaths(RandomBatch(shape, kFormLengths, 8), "relu");
  }
}

TEST(AttentionFormsTest, FourWordsUnderReluGiveTheGoldenNumbers) {
  Batch b{.shape = SelfAttentionShape(1, 2, false)};
  b.shape.normaliser = Normaliser::kRelu;
  b.query_offsets = b.key_offsets = {0, 4};
  b.queries = b.keys = b.values = {1, 0, 0, 1, 1, 1, 0, 0};
  const std::vector<double> expected = {1.41421356, 0.70710678, 0.70710678,
                                        1.41421356, 2.12132034, 2.12132034,
                                        0,          0};
  const std::vector<float> got = RunRows(b);
  for (std::size_t i = 0; i < 8; ++i) {
    EXPECT_NEAR(static_cast<double>(got[i]), expected[i], 3e-7);
  }
}

TEST(AttentionFormsTest, ADecodedRowOverLongKeysHasTheSameBitsOnAnyThreads) {
  for (const int m : {513, 1500, 5000}) {
    const Batch b = RandomBatch(Shape(2, 2, 64, 64, false), {{4, m}}, 9);
    const std::vector<float> one = RunCached(b, 1);
    ExpectNear(b, one, "long keys");
    for (const std::size_t threads : {2u, 3u, 8u}) {
      EXPECT_EQ(one, RunCached(b, threads)) << threads << " threads";
    }
  }
}

TEST(AttentionFormsTest, HundredThousandKeysTakeTheMemoryOfAFew) {
  const Batch b = RandomBatch(Shape(1, 1, 8, 8, true), {{2, 100000}}, 10);
  ExpectNear(b, RunCached(b), "100,000 keys");
}

}  // namespace
}  // namespace tessera::kernels
