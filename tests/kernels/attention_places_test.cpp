// Attention whose keys have places of their own in a shared cache; once for
// each TESSERA_ISA.
#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <random>

#include "tests/kernels/attention_bf16_case.h"

namespace tessera::kernels {
namespace {

// Beams of one sentence that agree up to `common` and then go their own ways,
// each a sequence of its own: what the shared cache must give the bits of.
struct Beams {
  Batch alone;
  ElementType type = ElementType::kF32;  // of the caches
  std::size_t beams;
  std::size_t length;
  std::size_t common;

  Beams(const AttentionShape& shape, std::size_t w, std::size_t m,
        std::size_t c)
      : alone(RandomBatch(shape,
                          std::vector<Lengths>(w, {1, static_cast<int>(m)}),
                          static_cast<unsigned>(w + m))),
        beams(w),
        length(m),
        common(c) {
    for (std::size_t b = 1; b < beams; ++b) {
      CopyCommon(alone.keys, shape.kv_heads * shape.key_width, b);
      CopyCommon(alone.values, shape.kv_heads * shape.value_width, b);
    }
  }
  void CopyCommon(std::vector<float>& rows, std::size_t width, std::size_t b) {
    std::copy_n(rows.begin(), common * width,
                rows.begin() + static_cast<std::ptrdiff_t>(b * length * width));
  }
};

// All positions of the beams in one cache, in a random order; between them
// places that hold NaN.
class SharedCache {
 public:
  SharedCache(const Beams& beams, unsigned seed)
      : places_(beams.beams * beams.length),
        cache_(Merged(beams, seed), beams.type) {}

  // One sequence of all beams.
  AttentionSequence Sequence(const Beams& beams) const {
    AttentionSequence sequence = cache_.Sequence(merged_, 0);
    sequence.first_row = 0;
    sequence.rows = beams.beams;
    sequence.places = {.data = places_.data(),
                       .row_stride = beams.length,
                       .stored = sequence.cache.length};
    sequence.cache.length = beams.length;
    return sequence;
  }

 private:
  const Batch& Merged(const Beams& beams, unsigned seed) {
    const AttentionShape& shape = beams.alone.shape;
    const std::size_t own = beams.length - beams.common;
    const std::size_t used = beams.common + beams.beams * own;
    const std::size_t stored = used + used / 4 + 1;
    std::vector<std::int32_t> order(stored);
    std::iota(order.begin(), order.end(), 0);
    std::shuffle(order.begin(), order.end(), std::mt19937(seed));
    merged_.shape = shape;
    merged_.score_weights = beams.alone.score_weights;
    merged_.query_offsets = {0, 1};
    merged_.key_offsets = {0, static_cast<std::int32_t>(stored)};
    merged_.keys.assign(stored * shape.kv_heads * shape.key_width, kNan);
    merged_.values.assign(stored * shape.kv_heads * shape.value_width, kNan);
    for (std::size_t b = 0; b < beams.beams; ++b) {
      for (std::size_t j = 0; j < beams.length; ++j) {
        const std::size_t at = j < beams.common ? j : j + b * own;
        const std::int32_t place = order[at];
        places_[b * beams.length + j] = place;
        Copy(beams.alone.keys, merged_.keys, b * beams.length + j, place);
        Copy(beams.alone.values, merged_.values, b * beams.length + j, place);
      }
    }
    return merged_;
  }
  void Copy(const std::vector<float>& from, std::vector<float>& to,
            std::size_t row, std::int32_t place) const {
    const std::size_t width =
        to.size() / static_cast<std::size_t>(merged_.key_offsets[1]);
    std::copy_n(&from[row * width], width,
                &to[static_cast<std::size_t>(place) * width]);
  }

  std::vector<std::int32_t> places_;
  Batch merged_;
  Cache cache_;
};

void ExpectBitsOfEachAlone(const Beams& beams, const AttentionSequence& shared,
                           const std::string& what) {
  std::vector<float> want_weights;
  const std::vector<float> want = RunTyped(
      beams.alone, beams.type, beams.alone.input().queries, 1, &want_weights);
  for (const std::size_t threads : {1u, 3u}) {
    for (const bool asks : {false, true}) {
      std::vector<float> weights(want_weights.size(), kNan);
      AttentionSequence sequence = shared;
      if (asks) sequence.weights = weights.data();
      std::vector<float> out(want.size(), kNan);
      ExecContext context(threads);
      Attention(beams.alone.ShapeAndScore(), beams.alone.input().queries,
                {&sequence, 1},
                Dense(out.data(), beams.beams, want.size() / beams.beams),
                context);
      EXPECT_EQ(want, out) << what << ", " << threads << " threads";
      if (!asks) continue;
      // [beam][head][key] of sequences alone, [head][beam][key] of the shared.
      const std::size_t heads = beams.alone.shape.heads, m = beams.length;
      for (std::size_t i = 0; i < weights.size(); ++i) {
        const std::size_t b = i / m / heads, h = i / m % heads;
        ASSERT_EQ(want_weights[i], weights[(h * beams.beams + b) * m + i % m])
            << what << " " << i;
      }
    }
  }
}

std::vector<Beams> Cases(const AttentionShape& shape) {
  std::vector<Beams> cases;
  for (const std::size_t w : {1u, 2u, 4u, 7u}) {
    for (const std::size_t m : {1u, 2u, 16u, 17u, 40u, 300u, 600u, 1100u}) {
      for (const std::size_t common : {m / 2, m - 1}) {
        cases.emplace_back(shape, w, m, common);
      }
    }
  }
  return cases;
}

class AttentionPlacesTest : public testing::TestWithParam<ElementType> {};

TEST_P(AttentionPlacesTest, BeamsOfASharedCacheHaveTheBitsTheyHaveAlone) {
  unsigned seed = 1;
  const std::vector<std::size_t> widths =
      GetParam() == ElementType::kF32 ? std::vector<std::size_t>{4, 20, 64, 70}
                                      : std::vector<std::size_t>{21, 64};
  for (const std::size_t width : widths) {
    for (Beams beams : Cases(Shape(2, 1, width, width + 3, false))) {
      beams.type = GetParam();
      const SharedCache cache(beams, ++seed);
      ExpectBitsOfEachAlone(beams, cache.Sequence(beams),
                            std::to_string(beams.beams) + " beams of " +
                                std::to_string(beams.length));
    }
  }
}

TEST_P(AttentionPlacesTest, BiasesMasksAndLengthsCountKeysAsTheRowDoes) {
  unsigned seed = 1;
  for (Beams beams : Cases(Shape(2, 2, 16, 24, false))) {
    beams.type = GetParam();
    const std::size_t w = beams.beams, m = beams.length;
    const std::vector<float> bias = RandomNormal(2 * w * m, 5);
    std::vector<std::uint8_t> mask(w * m);
    for (std::size_t i = 0; i < mask.size(); ++i) mask[i] = i * i % 5 != 3;
    std::vector<std::int32_t> lengths;
    for (std::size_t b = 0; b < w; ++b) {
      lengths.push_back(static_cast<std::int32_t>(m - b % m));
      beams.alone.query_lengths.push_back({lengths.back()});
      const auto stride = static_cast<std::ptrdiff_t>(w * m);
      beams.alone.biases.push_back({&bias[b * m], stride, 0});
      beams.alone.masks.push_back({&mask[b * m], 0, 0});
    }
    const SharedCache cache(beams, ++seed);
    AttentionSequence sequence = cache.Sequence(beams);
    sequence.query_lengths = lengths.data();
    sequence.bias = {bias.data(), static_cast<std::ptrdiff_t>(w * m),
                     static_cast<std::ptrdiff_t>(m)};
    sequence.mask = {mask.data(), 0, m};
    ExpectBitsOfEachAlone(beams, sequence, "limits");
  }
}

// Of one beam: a window counts from the last query.
TEST_P(AttentionPlacesTest, WindowsBeginWithinAPair) {
  AttentionShape shape = Shape(2, 2, 16, 24, false);
  unsigned seed = 1;
  for (const std::size_t window : {1u, 2u, 5u, 16u, 18u}) {
    shape.window = window;
    for (Beams beams : Cases(shape)) {
      if (beams.length > 40 || beams.beams > 1) continue;
      beams.type = GetParam();
      const SharedCache cache(beams, ++seed);
      ExpectBitsOfEachAlone(beams, cache.Sequence(beams), "window");
    }
  }
}

TEST_P(AttentionPlacesTest, AdditiveScoresAndReluHavePlacesToo) {
  unsigned seed = 1;
  for (const Normaliser normaliser :
       {Normaliser::kSoftmax, Normaliser::kRelu}) {
    AttentionShape shape = Shape(2, 2, 12, 8, false);
    shape.normaliser = normaliser;
    for (Beams beams : Cases(shape)) {
      if (beams.length > 300) continue;  // as dot products
      beams.type = GetParam();
      beams.alone.score_weights = RandomNormal(2 * 12, 9);
      const SharedCache cache(beams, ++seed);
      ExpectBitsOfEachAlone(beams, cache.Sequence(beams), "additive");
    }
  }
}

// The tokens of one beam read together, behind a path of their own.
TEST_P(AttentionPlacesTest, TokensReadAtOnceMayShareOnePath) {
  Batch b = RandomBatch(Shape(2, 2, 16, 16, true), {{9, 40}}, 3);
  b.shape.alike = true;
  const std::vector<float> want =
      RunTyped(b, GetParam(), b.input().queries, 1, nullptr);
  std::vector<std::int32_t> order(40);
  std::iota(order.rbegin(), order.rend(), 0);
  Batch turned = b;
  for (std::size_t j = 0; j < 40; ++j) {
    std::copy_n(&b.keys[j * 32], 32, &turned.keys[(39 - j) * 32]);
    std::copy_n(&b.values[j * 32], 32, &turned.values[(39 - j) * 32]);
  }
  const Cache cache(turned, GetParam());
  AttentionSequence sequence = cache.Sequence(turned, 0);
  sequence.places = {.data = order.data(), .row_stride = 0, .stored = 40};
  std::vector<float> out(want.size(), kNan);
  ExecContext context;
  Attention(b.shape, b.input().queries, {&sequence, 1},
            Dense(out.data(), 9, 32), context);
  EXPECT_EQ(want, out);
}

INSTANTIATE_TEST_SUITE_P(, AttentionPlacesTest,
                         testing::Values(ElementType::kF32, ElementType::kBf16),
                         [](const auto& tested) {
                           return tested.param == ElementType::kF32 ? "f32"
                                                                    : "bf16";
                         });

// Against float64: beams that see the same keys in another order.
TEST(AttentionBf16PlacesTest, MatchFloat64) {
  for (const std::size_t width : {20u, 64u}) {
    Beams beams(Shape(2, 2, width, width, false), 4, 45, 20);
    RoundInPlace(beams.alone.queries);
    RoundInPlace(beams.alone.keys);
    RoundInPlace(beams.alone.values);
    beams.type = ElementType::kBf16;
    const SharedCache cache(beams, 7);
    const AttentionSequence sequence = cache.Sequence(beams);
    std::vector<float> out(4 * 2 * width, kNan);
    ExecContext context;
    Attention(beams.alone.shape, beams.alone.input().queries, {&sequence, 1},
              Dense(out.data(), 4, 2 * width), context);
    ExpectBf16Near(beams.alone, out, "beams");
  }
}

}  // namespace
}  // namespace tessera::kernels
