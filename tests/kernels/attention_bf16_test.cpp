// Attention from bf16 keys and values against float64; once for each
// TESSERA_ISA.
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>

#include "tests/kernels/attention_bf16_case.h"
#include "tests/kernels/attention_guarded.h"

namespace tessera::kernels {
namespace {

TEST(AttentionBf16Test, MatchesFloat64ForEverySmallLength) {
  for (int n = 1; n <= 40; ++n) {
    for (const bool causal : {false, true}) {
      const Batch b =
          Bf16Batch(Shape(2, 2, 16, 16, causal), {{n, n}, {1, n}, {n, 41 - n}},
                    static_cast<unsigned>(n));
      const std::vector<float> out = RunRowsBf16(b);
      ExpectBf16Near(b, out, "n=" + std::to_string(n));
      EXPECT_EQ(out, RunCachedBf16(b)) << n;
    }
  }
}

TEST(AttentionBf16Test, MatchesFloat64ForEveryWidth) {
  for (std::size_t width = 1; width <= 70; ++width) {
    const Batch b =
        Bf16Batch(Shape(3, 3, width, 71 - width, true), {{19, 19}, {7, 33}},
                  static_cast<unsigned>(width));
    const std::vector<float> out = RunRowsBf16(b);
    ExpectBf16Near(b, out, "width " + std::to_string(width));
    EXPECT_EQ(out, RunCachedBf16(b)) << width;
  }
  for (const std::size_t width : {80u, 100u, 127u, 128u, 256u}) {
    const Batch b = Bf16Batch(Shape(1, 1, width, width, false), {{13, 50}}, 7);
    ExpectBf16Near(b, RunRowsBf16(b), "width " + std::to_string(width));
  }
}

TEST(AttentionBf16Test, MatchesFloat64AcrossChunksOfKeys) {
  for (const int m : {511, 512, 513, 1025, 2047}) {
    for (const bool causal : {false, true}) {
      const Batch b = Bf16Batch(Shape(1, 1, 64, 64, causal), {{97, m}, {1, m}},
                                static_cast<unsigned>(m));
      ExpectBf16Near(b, RunRowsBf16(b), "m=" + std::to_string(m));
    }
  }
}

TEST(AttentionBf16Test, LargeLogitsAndEqualScoresStayExact) {
  const Batch b = Bf16Batch(Shape(2, 2, 64, 64, false), {{10, 700}}, 5, 1e3f);
  ExpectBf16Near(b, RunRowsBf16(b), "logits of +-1e4");
  Batch equal = Bf16Batch(Shape(1, 1, 8, 8, false), {{3, 600}}, 6);
  std::fill(equal.keys.begin(), equal.keys.end(), 0.25f);
  ExpectBf16Near(equal, RunRowsBf16(equal), "all equal");
}

// With both parities of the border: a pair of positions may be half seen.
TEST(AttentionBf16Test, UnseenKeysHaveNoInfluenceEvenIfNotANumber) {
  for (const int n : {5, 6, 17, 18, 100, 531}) {
    Batch b = Bf16Batch(Shape(2, 2, 23, 24, true), {{n, n}}, 8);
    const std::vector<float> clean = RunRowsBf16(b);
    const std::size_t last = static_cast<std::size_t>(n) - 1;
    std::fill_n(&b.keys[last * 46], 46, kNan);
    std::fill_n(&b.values[last * 48], 48, kNan);
    for (const std::vector<float>& out : {RunRowsBf16(b), RunCachedBf16(b)}) {
      EXPECT_EQ(
          0, std::memcmp(clean.data(), out.data(), last * 48 * sizeof(float)));
      for (std::size_t c = 0; c < 48; ++c) {
        EXPECT_TRUE(std::isnan(out[last * 48 + c]));
      }
    }
  }
}

TEST(AttentionBf16Test, InfiniteValuesReachTheRowsThatSeeThem) {
  for (const std::size_t key : {3u, 20u, 47u, 515u}) {
    Batch b = Bf16Batch(Shape(1, 1, 16, 20, true), {{600, 600}}, 3);
    const std::vector<float> clean = RunCachedBf16(b);
    b.values[key * 20 + 7] = INFINITY;
    b.values[key * 20 + 9] = -INFINITY;
    const std::vector<float> out = RunCachedBf16(b);
    for (std::size_t i = 0; i < 600; ++i) {
      for (std::size_t c = 0; c < 20; ++c) {
        const bool reached = i >= key && (c == 7 || c == 9);
        const float infinity = c == 7 ? INFINITY : -INFINITY;
        EXPECT_EQ(out[i * 20 + c], reached ? infinity : clean[i * 20 + c])
            << "key " << key << " row " << i << " column " << c;
      }
    }
  }
}

TEST(AttentionBf16Test, MaskedAndWindowedKeysHaveNoInfluenceEitherWay) {
  Batch b = Bf16Batch(Shape(1, 1, 8, 8, false), {{20, 40}}, 6);
  std::vector<std::uint8_t> mask(20 * 40, 1);
  for (std::size_t i = 0; i < 20; ++i) mask[i * 40 + 7] = mask[i * 40 + 32] = 0;
  b.masks.push_back({mask.data(), 0, 40});
  const std::vector<float> clean = RunCachedBf16(b);
  for (const std::size_t key : {7u, 32u}) {
    std::fill_n(&b.keys[key * 8], 8, kNan);
    std::fill_n(&b.values[key * 8], 8, INFINITY);
  }
  EXPECT_EQ(clean, RunCachedBf16(b));

  AttentionShape shape = Shape(1, 1, 8, 8, true);
  shape.window = 10;
  for (const std::size_t hidden : {3u, 4u}) {
    Batch w = Bf16Batch(shape, {{60, 60}}, 7);
    const std::vector<float> whole = RunCachedBf16(w);
    std::fill_n(w.keys.begin(), hidden * 8, kNan);
    std::fill_n(w.values.begin(), hidden * 8, kNan);
    const std::vector<float> dirty = RunCachedBf16(w);
    const std::size_t first = (hidden + 9) * 8;
    EXPECT_EQ(0, std::memcmp(&whole[first], &dirty[first],
                             (60 * 8 - first) * sizeof(float)));
  }
}

// The last `rows` of the first t + 1 queries of a whole pass, by themselves.
void ExpectStepIsPartOf(const Batch& whole, const std::vector<float>& at_once,
                        int t, int rows) {
  Batch step = whole;
  step.query_offsets = {0, rows};
  step.key_offsets = {0, t + 1};
  step.queries.assign(whole.queries.begin() + (t + 1 - rows) * 42,
                      whole.queries.begin() + (t + 1) * 42);
  const std::vector<float> out = RunCachedBf16(step);
  const std::string what = std::to_string(rows) + " rows to position " +
                           std::to_string(t) + ", window " +
                           std::to_string(whole.shape.window);
  ExpectBf16Near(step, out, what);
  if (!SameImplementation(static_cast<std::size_t>(rows), 50)) return;
  EXPECT_EQ(0,
            std::memcmp(out.data(),
                        &at_once[static_cast<std::size_t>(t + 1 - rows) * 40],
                        out.size() * sizeof(float)))
      << what;
}

TEST(AttentionBf16Test, BeamsAndCachedDecodingGiveTheBitsOfAWholePass) {
  for (const std::size_t window : {0u, 1u, 19u}) {
    AttentionShape shape = Shape(2, 2, 21, 20, true);
    shape.window = window;
    const Batch whole = Bf16Batch(shape, {{50, 50}}, 12);
    const std::vector<float> at_once = RunRowsBf16(whole);
    for (const int t : {0, 1, 14, 15, 16, 17, 48, 49}) {
      for (const int rows : {1, 2, 5, 7, 8, 16, 17, 33}) {
        if (rows <= t + 1) ExpectStepIsPartOf(whole, at_once, t, rows);
      }
    }
  }
}

TEST(AttentionBf16Test, BitsDependNeitherOnTheBatchNorOnThreads) {
  const AttentionShape shape = Shape(4, 4, 32, 32, true);
  const Batch batch =
      Bf16Batch(shape, {{7, 7}, {300, 300}, {1, 90}, {64, 600}, {33, 33}}, 11);
  const std::vector<float> one = RunRowsBf16(batch);
  for (const std::size_t threads : {2u, 3u, 4u}) {
    EXPECT_EQ(one, RunRowsBf16(batch, threads)) << threads << " threads";
  }
  Batch alone{.shape = shape};
  alone.query_offsets = alone.key_offsets = {0, 300};
  const auto cut = [](const std::vector<float>& from) {
    return std::vector<float>(from.begin() + 7 * 128, from.begin() + 307 * 128);
  };
  alone.queries = cut(batch.queries);
  alone.keys = cut(batch.keys);
  alone.values = cut(batch.values);
  EXPECT_EQ(RunRowsBf16(alone), cut(one));
  for (const int m : {513, 1501, 5000}) {
    const Batch b = Bf16Batch(Shape(2, 2, 64, 64, false), {{4, m}}, 9);
    const std::vector<float> whole = RunCachedBf16(b, 1);
    ExpectBf16Near(b, whole, "long keys");
    for (const std::size_t threads : {2u, 3u, 8u}) {
      EXPECT_EQ(whole, RunCachedBf16(b, threads)) << threads << " threads";
    }
  }
}

TEST(AttentionBf16Test, NothingOutsideOfTheOperandsIsTouched) {
  ExpectOperandsAloneAreTouched<Bf16>(
      [](const AttentionShape& shape, const std::vector<Lengths>& lengths,
         unsigned seed) { return Bf16Batch(shape, lengths, seed); },
      [](const Batch& b) { return RunRowsBf16(b); });
}

TEST(AttentionTileBf16Test, RunsDotProductsOnlyWhereTheCpuHasThemFast) {
  const auto kernels = AttentionTileKernels(ElementType::kBf16, Score::kDot);
  for (const auto& kernel : kernels) {
    if (!kernel.usable) continue;
    EXPECT_EQ(kernel.usable(kernel.isa), HasFastBf16Dots()) << kernel.name;
    if (!kernel.RunsOn(ActiveIsa())) {
      EXPECT_NE(Select(kernels), kernel.run) << kernel.name;
    }
  }
  for (const CpuFeature& feature : CpuFeatures()) {
    if (feature.name == "avx512_bf16" && !feature.present) {
      EXPECT_FALSE(HasFastBf16Dots());
    }
  }
}

}  // namespace
}  // namespace tessera::kernels
