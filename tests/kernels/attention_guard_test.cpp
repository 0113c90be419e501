// Attention between guard pages, and on adversarial numbers; once for each
// TESSERA_ISA.
#include <gtest/gtest.h>

#include "tests/kernels/attention_guarded.h"

namespace tessera::kernels {
namespace {

TEST(AttentionGuardTest, NothingOutsideOfTheOperandsIsTouched) {
  ExpectOperandsAloneAreTouched<float>(
      [](const AttentionShape& shape, const std::vector<Lengths>& lengths,
         unsigned seed) { return RandomBatch(shape, lengths, seed); },
      [](const Batch& b) { return RunRows(b); });
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
