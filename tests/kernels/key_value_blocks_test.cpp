// Attention from caches of each type, by rows of each type; once for each
// TESSERA_ISA.
#include "kernels/attention/cache/key_value_blocks.h"

#include <gtest/gtest.h>

#include <vector>

#include "tests/kernels/attention_bf16_case.h"

namespace tessera::kernels {
namespace {

const std::vector<Lengths> kLengths = {{1, 1}, {17, 17}, {40, 25}, {5, 600}};

TEST(KeyValueBlocksTest, Bf16QueriesReadAnF32CacheAsTheirFloatsDo) {
  for (const bool additive : {false, true}) {
    Batch b = Bf16Batch(Shape(2, 2, 21, 12, true), kLengths, 1);
    if (additive) b.score_weights = RandomNormal(2 * 21, 2, 0.3f);
    const std::vector<Bf16> rounded = Round(b.queries);
    const Rows<const Bf16> queries = Dense(rounded.data(), b.rows(), 42);
    EXPECT_EQ(RunTyped(b, ElementType::kF32, queries, 1, nullptr),
              RunCached(b));
    AttentionRowsInput input = b.input();
    input.queries = queries;
    EXPECT_EQ(RunInput(b, input), RunRows(b));
  }
}

TEST(KeyValueBlocksTest, AdditiveScoresOfBf16KeysMatchFloat64) {
  for (const std::size_t width : {1u, 16u, 21u}) {
    Batch b = Bf16Batch(Shape(2, 2, width, 12, true), kLengths, 3);
    b.score_weights = RandomNormal(2 * width, 4, 0.3f);
    std::vector<float> weights;
    const std::vector<float> out =
        RunCachedBf16(b, 1, QueryType::kBf16, &weights);
    ExpectNear(b, out, "width " + std::to_string(width));
    ExpectWeightsNear(b, weights);
    EXPECT_EQ(out, RunRowsBf16(b));
    EXPECT_EQ(out, RunCachedBf16(b, 3));
  }
}

TEST(KeyValueBlocksTest, Bf16RowsMayHideKeysAndTellTheirWeights) {
  Batch b = Bf16Batch(Shape(2, 2, 16, 20, false), {{9, 30}}, 5);
  std::vector<std::uint8_t> visible(30, 1);
  visible[4] = visible[29] = 0;
  b.masks.push_back({visible.data(), 0, 0});
  const std::vector<Bf16> keys = Round(b.keys), values = Round(b.values);
  std::vector<float> weights(2 * 9 * 30, kNan);
  AttentionRowsInput input = b.input();
  input.keys = Dense(keys.data(), 30, 32);
  input.values = Dense(values.data(), 30, 40);
  input.visible_keys = visible;
  input.weights = weights.data();
  ExpectBf16Near(b, RunInput(b, input), "from rows");
  ExpectWeightsNear(b, weights);
}

// Blocks of both types, packed at once, appended one by one, and copied.
TEST(KeyValueBlocksTest, PackedAppendedAndCopiedPositionsAreTheSame) {
  for (const ElementType type : {ElementType::kF32, ElementType::kBf16}) {
    for (const bool raw : {false, true}) {
      const BlockLayout layout = {.kv_heads = 2,
                                  .key_width = 71,
                                  .value_width = 13,
                                  .type = type,
                                  .raw_keys = raw};
      const std::vector<float> keys = RandomNormal(16 * 142, 1, 0.1f);
      const std::vector<float> values = RandomNormal(16 * 26, 2);
      using Bytes = std::vector<char>;
      struct Owned {
        Bytes keys, values, raw_keys;
        KeyValueBlock block() {
          return {keys.data(), values.data(), raw_keys.data()};
        }
      };
      const Owned none = {Bytes(layout.key_bytes()),
                          Bytes(layout.value_bytes()),
                          Bytes(layout.key_bytes())};
      Owned packed = none, appended = none, copied = none;
      const Rows<const float> key_rows = Dense(keys.data(), 16, 142);
      const Rows<const float> value_rows = Dense(values.data(), 16, 26);
      PackPositions(layout, key_rows, value_rows, packed.block());
      AppendPositions(layout, key_rows.Slice(0, 5), value_rows.Slice(0, 5), 0,
                      appended.block());
      AppendPositions(layout, key_rows.Slice(5, 11), value_rows.Slice(5, 11), 5,
                      appended.block());
      CopyPositions(layout, packed.block(), 16, copied.block());
      for (const Owned* other : {&appended, &copied}) {
        EXPECT_EQ(packed.keys, other->keys);
        EXPECT_EQ(packed.values, other->values);
        EXPECT_EQ(packed.raw_keys, other->raw_keys);
      }
      EXPECT_EQ(packed.raw_keys != none.raw_keys, raw);
    }
  }
}

TEST(KeyValueBlocksTest, AnF32CacheHoldsBf16RowsExactly) {
  const Batch b = Bf16Batch(Shape(2, 2, 9, 7, false), {{4, 16}}, 6);
  const std::vector<Bf16> keys = Round(b.keys), values = Round(b.values);
  const BlockLayout layout = {.kv_heads = 2, .key_width = 9, .value_width = 7};
  for (const std::size_t n : {5u, 16u}) {
    std::vector<float> a(layout.key_bytes() / 4), c = a;
    std::vector<float> v(layout.value_bytes() / 4), w = v;
    PackPositions(layout, b.input().keys.Slice(0, n),
                  b.input().values.Slice(0, n), {a.data(), v.data()});
    PackPositions(layout, Dense(keys.data(), n, 18),
                  Dense(values.data(), n, 14), {c.data(), w.data()});
    EXPECT_EQ(a, c);
    EXPECT_EQ(v, w);
  }
}

}  // namespace
}  // namespace tessera::kernels
