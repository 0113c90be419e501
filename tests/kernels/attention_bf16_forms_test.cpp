// Attention from bf16 keys and values with windows, lengths, masks, biases and
// ReLU; once for each TESSERA_ISA.
#include <gtest/gtest.h>

#include "tests/kernels/attention_bf16_case.h"
#include "tests/kernels/attention_forms.h"

namespace tessera::kernels {
namespace {

void ExpectAllPaths(const Batch& b, const std::string& what) {
  std::vector<float> weights;
  const std::vector<float> one = RunCachedBf16(b);
  ExpectBf16Near(b, one, what);
  EXPECT_EQ(one, RunCachedBf16(b, 1, QueryType::kBf16, &weights)) << what;
  ExpectWeightsNear(b, weights);
  EXPECT_EQ(one, RunCachedBf16(b, 3)) << what << ": 3 threads";
  EXPECT_EQ(one, RunCachedBf16(b, 1, QueryType::kF32)) << what << ": f32";
}

TEST(AttentionBf16Test, WindowsHideKeysThatAreFar) {
  for (const bool causal : {false, true}) {
    for (const std::size_t window : {1u, 2u, 3u, 16u, 33u, 513u}) {
      AttentionShape shape = Shape(2, 2, 20, 24, causal);
      shape.window = window;
      ExpectAllPaths(Bf16Batch(shape, kFormLengths, 1),
                     "window " + std::to_string(window));
    }
  }
}

TEST(AttentionBf16Test, QueriesMayHaveLengthsOfTheirOwnAndShareHeads) {
  for (const bool causal : {false, true}) {
    Batch b = Bf16Batch(Shape(6, 2, 17, 12, causal), kFormLengths, 2);
    AddQueryLengths(b);
    ExpectAllPaths(b, "lengths");
  }
}

TEST(AttentionBf16Test, BiasesAddToScores) {
  const std::vector<float> bias = RandomBias(3);
  for (const bool by_distance : {false, true}) {
    Batch b = Bf16Batch(Shape(3, 3, 16, 16, !by_distance), kFormLengths, 4);
    if (by_distance) {
      AddBiasesByDistance(b, bias);
    } else {
      AddDenseBiases(b, bias);
    }
    ExpectAllPaths(b, by_distance ? "bias by distance" : "dense bias");
  }
}

TEST(AttentionBf16Test, MasksHideAnyKeys) {
  Batch b = Bf16Batch(Shape(2, 2, 16, 20, false), kFormLengths, 5);
  std::vector<std::uint8_t> mask = RandomMask(2);
  AddMasks(b, mask);
  ExpectAllPaths(b, "mask");
  std::fill(mask.begin(), mask.end(), std::uint8_t{0});
  for (const float value : RunCachedBf16(b)) ASSERT_EQ(value, 0.0f);
}

TEST(AttentionBf16Test, ReluWeightsAreNotNormalised) {
  for (const bool causal : {false, true}) {
    AttentionShape shape = Shape(2, 2, 16, 16, causal);
    shape.normaliser = Normaliser::kRelu;
    ExpectAllPaths(Bf16Batch(shape, kFormLengths, 8), "relu");
  }
}

TEST(AttentionBf16Test, QueriesInF32MayBeAnyNumbers) {
  Batch b = Bf16Batch(Shape(2, 2, 33, 40, true), kFormLengths, 9);
  b.queries = RandomNormal(b.queries.size(), 10);
  ExpectBf16Near(b, RunCachedBf16(b, 1, QueryType::kF32), "f32 queries");
}

}  // namespace
}  // namespace tessera::kernels
