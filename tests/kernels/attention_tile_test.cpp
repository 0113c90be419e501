// Every implementation of attention tiles by itself: its scratch, and when it
// runs.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "kernels/attention/tile/tile.h"
#include "tests/kernels/attention_case.h"
#include "tests/kernels/guard_pages.h"

namespace tessera::kernels {
namespace {

constexpr ElementType kTypes[] = {ElementType::kF32, ElementType::kBf16};
constexpr Score kScores[] = {Score::kDot, Score::kAdditive};

// Calls body(implementation, type, score) for all that this CPU runs.
template <class Body>
void ForImplementations(Body&& body) {
  for (const ElementType type : kTypes) {
    for (const Score score : kScores) {
      for (const TileImplementation& each : AttentionTileKernels(type, score)) {
        if (each.RunsOn(DetectedIsa())) body(each, type, score);
      }
    }
  }
}

// A tile of `rows` equal queries over equal keys, and all that it points to.
struct EqualKeys {
  static constexpr std::size_t kKeys = 700;

  EqualKeys(ElementType type, Score score, std::size_t rows, std::size_t k,
            std::size_t c)
      : layout{.kv_heads = 1, .key_width = k, .value_width = c, .type = type},
        begins(rows, 0),
        ends(rows, kKeys),
        queries(rows * k, 0.5f),
        score_weights(k, 0.25f),
        keys(BlocksFor(kKeys) * layout.key_bytes()),
        values(BlocksFor(kKeys) * layout.value_bytes()),
        out(rows * c),
        weights(rows * kKeys) {
    const std::vector<float> ones(kKeys * std::max(k, c), 1.0f);
    PackKeys(Dense(ones.data(), kKeys, k), type, keys.data(),
             layout.key_bytes());
    PackValues(Dense(ones.data(), kKeys, c), type, values.data(),
               layout.value_bytes());
    args.type = type;
    args.score = score;
    args.queries = queries.data();
    args.query_stride = args.query_width = k;
    args.rows = args.sequence_rows = rows;
    args.keys = args.raw_keys = keys.data();
    args.key_block_bytes = layout.key_bytes();
    args.values = values.data();
    args.value_block_bytes = layout.value_bytes();
    args.value_row_bytes = c * sizeof(float);
    args.key_width = WholeWords(type, k);
    args.value_width = c;
    args.begins = begins.data();
    args.ends = ends.data();
    args.length = kKeys;
    args.scale = 1.0f;
    args.score_weights = score_weights.data();
    args.end_chunk = BlocksFor(kKeys) * kPositionsPerBlock / kChunkKeys + 1;
    args.out = out.data();
    args.out_stride = c;
    args.weights = weights.data();
    args.weight_stride = kKeys;
  }

  BlockLayout layout;
  std::vector<std::int32_t> begins, ends;
  std::vector<float> queries, score_weights;
  std::vector<char> keys, values;
  std::vector<float> out, weights;
  AttentionTileArgs args{};
};

TEST(AttentionTileTest, TakesNoMoreScratchThanItSays) {
  ForImplementations([](const TileImplementation& each, ElementType type,
                        Score score) {
    for (const std::size_t rows : {1u, 6u, 40u, 96u}) {
      for (const std::size_t k : {1u, 2u, 32u, 50u, 64u, 256u}) {
        for (const std::size_t c : {1u, 20u, 32u, 64u, 256u}) {
          EqualKeys tile(type, score, rows, k, c);
          const GuardPages<float> scratch(
              std::vector<float>(each.scratch(tile.args.key_width, c), kNan),
              GuardSide::kBack);
          tile.args.scratch = scratch.data();
          each.run(tile.args);
          for (const float x : tile.out) {
            ASSERT_NEAR(x, 1.0f, 1e-2f) << each.name << " " << k << " " << c;
          }
          for (const float w : tile.weights) {
            ASSERT_NEAR(w, 1.0f / EqualKeys::kKeys, 1e-6f) << each.name;
          }
        }
      }
    }
  });
}

TEST(AttentionTileTest, MergesWithinTheScratchOfATile) {
  for (const auto& each : AttentionMergeKernels()) {
    if (!each.RunsOn(DetectedIsa())) continue;
    for (const std::size_t c : {1u, 20u, 64u, 256u}) {
      EqualKeys tile(ElementType::kF32, Score::kDot, kTileRows, 16, c);
      const std::vector<float> partials(
          tile.args.end_chunk * kTileRows * PartialFloats(c), 1.0f);
      const GuardPages<float> scratch(
          std::vector<float>(TileScratch(16, c), kNan), GuardSide::kBack);
      tile.args.scratch = scratch.data();
      tile.args.partials = const_cast<float*>(partials.data());
      each.run(tile.args);
      for (const float x : tile.out) ASSERT_EQ(x, 1.0f) << each.name;
    }
  }
}

TEST(AttentionTileTest, ListsEndWithAnImplementationForEveryCall) {
  for (const ElementType type : kTypes) {
    for (const Score score : kScores) {
      const TileImplementation& last = AttentionTileKernels(type, score).back();
      EXPECT_EQ(last.isa, Isa::kScalar);
      EXPECT_EQ(last.fewest_rows, 0u);
      EXPECT_EQ(last.when, nullptr);
    }
  }
}

// What people read is what decides.
TEST(AttentionTileTest, TellsFromHowManyRowsAnImplementationRuns) {
  for (const ElementType type : kTypes) {
    for (const Score score : kScores) {
      const TileChoice& choice = ChooseTiles(type, score);
      EXPECT_EQ(choice.best_for_few->fewest_rows, 0u);
      for (const TileImplementation& each : AttentionTileKernels(type, score)) {
        EXPECT_EQ(each.when != nullptr, each.fewest_rows > 0) << each.name;
        if (!each.when) continue;
        EXPECT_NE(std::string(each.when).find(std::to_string(each.fewest_rows)),
                  std::string::npos)
            << each.when;
        const TileChoice chosen = {&each, choice.best_for_few};
        EXPECT_EQ(&chosen.For(each.fewest_rows), &each);
        EXPECT_EQ(&chosen.For(each.fewest_rows - 1), choice.best_for_few);
      }
    }
  }
}

}  // namespace
}  // namespace tessera::kernels
