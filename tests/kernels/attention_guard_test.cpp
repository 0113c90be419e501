// Attention between guard pages, and on adversarial numbers; once for each
// TESSERA_ISA.
#include <gtest/gtest.h>

#include "tests/kernels/attention_case.h"
#include "tests/kernels/guard_pages.h"

namespace tessera::kernels {
namespace {

// The batch's result with every operand against a guard page.
std::vector<float> RunGuarded(const Batch& b, GuardSide side) {
  const GuardPages<float> queries(b.queries, side);
  const GuardPages<float> keys(b.keys, side);
  const GuardPages<float> values(b.values, side);
  const AttentionShape& s = b.shape;
  const std::size_t columns = s.heads * s.value_width;
  const GuardPages<float> out(std::vector<float>(b.rows() * columns), side);
  const auto all_keys = static_cast<std::size_t>(b.key_offsets.back());
  ExecContext context;
  AttentionRows(
      s,
      {Dense<const float>(queries.data(), b.rows(), s.heads * s.key_width),
       Dense<const float>(keys.data(), all_keys, s.kv_heads * s.key_width),
       Dense<const float>(values.data(), all_keys, s.kv_heads * s.value_width),
       b.query_offsets, b.key_offsets},
      Dense(out.data(), b.rows(), columns), context);
  return {out.data(), out.data() + b.rows() * columns};
}

// The same from a cache whose pools touch guard pages.
std::vector<float> RunCacheGuarded(const Batch& b, GuardSide side) {
  Cache cache(b);
  const GuardPages<Bf16> keys(cache.keys, side);
  const GuardPages<Bf16> values(cache.values, side);
  const GuardPages<float> queries(b.queries, side);
  const std::size_t columns = b.shape.heads * b.shape.value_width;
  const GuardPages<float> out(std::vector<float>(b.rows() * columns), side);
  std::vector<AttentionSequence> sequences;
  for (std::size_t q = 0; q < b.size(); ++q) {
    sequences.push_back(cache.Sequence(b, q));
    sequences.back().cache.keys = keys.data();
    sequences.back().cache.values = values.data();
  }
  ExecContext context;
  Attention(b.shape,
            Dense<const float>(queries.data(), b.rows(),
                               b.shape.heads * b.shape.key_width),
            sequences, Dense(out.data(), b.rows(), columns), context);
  return {out.data(), out.data() + b.rows() * columns};
}

TEST(AttentionGuardTest, NothingOutsideOfTheOperandsIsTouched) {
  for (const std::size_t width : {1u, 8u, 15u, 20u, 33u, 64u}) {
    for (const bool causal : {false, true}) {
      const Batch b = RandomBatch(Shape(2, 2, width, width + 3, causal),
                                  {{1, 1}, {17, 17}, {5, 30}, {40, 533}}, 1);
      const std::vector<float> expected = RunRows(b);
      for (const GuardSide side : {GuardSide::kFront, GuardSide::kBack}) {
        EXPECT_EQ(expected, RunGuarded(b, side)) << "width " << width;
        EXPECT_EQ(expected, RunCacheGuarded(b, side)) << "width " << width;
      }
    }
  }
}

TEST(AttentionGuardTest, UnalignedOperandsGiveTheSameBits) {
  const Batch b = RandomBatch(Shape(2, 2, 32, 32, true), {{40, 40}}, 2);
  const std::vector<float> expected = RunRows(b);
  for (std::size_t shift = 1; shift < 16; ++shift) {
    const auto moved = [&](const std::vector<float>& from) {
      std::vector<float> to(shift);
      to.insert(to.end(), from.begin(), from.end());
      return to;
    };
    const std::vector<float> q = moved(b.queries), k = moved(b.keys),
                             v = moved(b.values);
    std::vector<float> out(shift + expected.size());
    ExecContext context;
    AttentionRows(
        b.shape,
        {Dense(q.data() + shift, 40, 64), Dense(k.data() + shift, 40, 64),
         Dense(v.data() + shift, 40, 64), b.query_offsets, b.key_offsets},
        Dense(out.data() + shift, 40, 64), context);
    EXPECT_TRUE(std::equal(expected.begin(), expected.end(),
                           out.begin() + static_cast<std::ptrdiff_t>(shift)));
  }
}

TEST(AttentionGuardTest, LogitsOfTenThousandAndOneDominantKeyAreExact) {
  Batch b = RandomBatch(Shape(1, 1, 64, 64, false), {{7, 900}}, 3, 1e3f);
  ExpectNear(b, RunRows(b), "logits of +-1e4");
  b = RandomBatch(Shape(1, 1, 64, 64, false), {{7, 900}}, 4);
  for (std::size_t k = 0; k < 64; ++k) b.keys[600 * 64 + k] *= 50.0f;
  ExpectNear(b, RunRows(b), "a dominant key");
}

TEST(AttentionGuardTest, InfiniteScoresSpreadToTheirOwnRowsOnly) {
  Batch b = RandomBatch(Shape(1, 1, 16, 16, false), {{12, 40}}, 5);
  const std::vector<float> clean = RunRows(b);
  b.queries[4 * 16 + 3] = std::numeric_limits<float>::infinity();
  const std::vector<float> dirty = RunRows(b);
  for (std::size_t row = 0; row < 12; ++row) {
    for (std::size_t c = 0; c < 16; ++c) {
      if (row == 4) {
        EXPECT_TRUE(std::isnan(dirty[row * 16 + c]));
      } else {
        EXPECT_EQ(dirty[row * 16 + c], clean[row * 16 + c]);
      }
    }
  }
}

}  // namespace
}  // namespace tessera::kernels
