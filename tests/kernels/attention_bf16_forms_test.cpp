// Attention from bf16 keys and values with windows, lengths, masks, biases and
// ReLU; once for each TESSERA_ISA.
#include <gtest/gtest.h>

#include "tests/kernels/attention_bf16_case.h"

namespace tessera::kernels {
namespace {

const std::vector<Lengths> kLengths = {
    {1, 1}, {17, 17}, {40, 25}, {5, 70}, {30, 600}, {100, 1100}, {3, 0}};

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
      ExpectAllPaths(Bf16Batch(shape, kLengths, 1),
                     "window " + std::to_string(window));
    }
  }
}

TEST(AttentionBf16Test, QueriesMayHaveLengthsOfTheirOwnAndShareHeads) {
  for (const bool causal : {false, true}) {
    Batch b = Bf16Batch(Shape(6, 2, 17, 12, causal), kLengths, 2);
    unsigned seed = 1;
    for (std::size_t q = 0; q < b.size(); ++q) {
      auto& lengths = b.query_lengths.emplace_back();
      for (std::size_t i = 0; i < b.QueryCount(q); ++i) {
        seed = seed * 1103515245u + 12345u;
        lengths.push_back(
            static_cast<std::int32_t>((seed >> 16) % (b.KeyCount(q) + 1)));
      }
    }
    ExpectAllPaths(b, "lengths");
  }
}

TEST(AttentionBf16Test, BiasesAddToScores) {
  const std::vector<float> bias = RandomNormal(3 * 100 * 1100, 77);
  for (const bool by_distance : {false, true}) {
    Batch b = Bf16Batch(Shape(3, 3, 16, 16, !by_distance), kLengths, 4);
    for (std::size_t q = 0; q < b.size(); ++q) {
      const auto n = static_cast<std::ptrdiff_t>(b.QueryCount(q));
      const auto m = static_cast<std::ptrdiff_t>(b.KeyCount(q));
      b.biases.push_back(by_distance
                             ? ScoreBias{bias.data() + n - 1, n + m - 1, -1}
                             : ScoreBias{bias.data(), n * m, m});
    }
    ExpectAllPaths(b, by_distance ? "bias by distance" : "dense bias");
  }
}

TEST(AttentionBf16Test, MasksHideAnyKeys) {
  Batch b = Bf16Batch(Shape(2, 2, 16, 20, false), kLengths, 5);
  std::vector<std::uint8_t> mask(2 * 100 * 1100);
  unsigned seed = 1;
  for (std::uint8_t& allowed : mask) {
    seed = seed * 1103515245u + 12345u;
    allowed = (seed >> 16) % 3 == 0;
  }
  for (std::size_t q = 0; q < b.size(); ++q) {
    b.masks.push_back(
        {mask.data(), b.QueryCount(q) * b.KeyCount(q), b.KeyCount(q)});
  }
  ExpectAllPaths(b, "mask");
  std::fill(mask.begin(), mask.end(), std::uint8_t{0});
  for (const float value : RunCachedBf16(b)) ASSERT_EQ(value, 0.0f);
}

TEST(AttentionBf16Test, ReluWeightsAreNotNormalised) {
  for (const bool causal : {false, true}) {
    AttentionShape shape = Shape(2, 2, 16, 16, causal);
    shape.normaliser = Normaliser::kRelu;
    ExpectAllPaths(Bf16Batch(shape, kLengths, 8), "relu");
  }
}

TEST(AttentionBf16Test, QueriesInF32MayBeAnyNumbers) {
  Batch b = Bf16Batch(Shape(2, 2, 33, 40, true), kLengths, 9);
  b.queries = RandomNormal(b.queries.size(), 10);
  ExpectBf16Near(b, RunCachedBf16(b, 1, QueryType::kF32), "f32 queries");
}

}  // namespace
}  // namespace tessera::kernels
