// The caches of keys and values: sharing, copying and release of blocks.
#include "models/layers/kv_cache.h"

#include <gtest/gtest.h>

#include <map>
#include <random>

namespace tessera::models {
namespace {

using kernels::BlockLayout;
using kernels::KeyValueBlocks;
using kernels::kPositionsPerBlock;

constexpr BlockLayout kShape = {
    .kv_heads = 2, .key_width = 3, .value_width = 5};
constexpr std::size_t kLayers = 2;

// A key or value whose elements all tell where it belongs.
std::vector<float> Mark(int token, std::size_t layer, std::size_t width) {
  return std::vector<float>(
      width, static_cast<float>(token) + 0.25f * static_cast<float>(layer));
}

void Write(RowCache& cache, std::size_t row, std::size_t position, int token) {
  for (std::size_t layer = 0; layer < kLayers; ++layer) {
    const std::vector<float> key = Mark(token, layer, 6);
    const std::vector<float> value = Mark(token, layer, 10);
    cache.Write(layer, row, position, kernels::Dense(key.data(), 1, 6),
                kernels::Dense(value.data(), 1, 10));
  }
}

// The token that a view holds at a position, checked in all its elements.
float TokenAt(const KeyValueBlocks& view, std::size_t position) {
  const auto block =
      static_cast<std::size_t>(view.table[position / kPositionsPerBlock]);
  const std::size_t lane = position % kPositionsPerBlock;
  const float* keys = static_cast<const float*>(view.keys) +
                      block * kShape.key_bytes() / sizeof(float);
  const float* values = static_cast<const float*>(view.values) +
                        block * kShape.value_bytes() / sizeof(float);
  const float token = keys[lane];
  for (std::size_t k = 0; k < 6; ++k)
    EXPECT_EQ(keys[k * kPositionsPerBlock + lane], token);
  for (std::size_t head = 0; head < 2; ++head) {
    for (std::size_t c = 0; c < 5; ++c) {
      EXPECT_EQ(values[(head * kPositionsPerBlock + lane) * 5 + c], token);
    }
  }
  return token;
}

void ExpectHistory(const RowCache& cache, std::size_t row,
                   const std::vector<int>& history) {
  for (std::size_t layer = 0; layer < kLayers; ++layer) {
    const KeyValueBlocks view = cache.View(layer, row);
    ASSERT_EQ(view.length, history.size());
    for (std::size_t p = 0; p < history.size(); ++p) {
      EXPECT_EQ(TokenAt(view, p), Mark(history[p], layer, 1)[0])
          << "row " << row << " position " << p;
    }
  }
}

TEST(RowCacheTest, RandomForksKeepEveryHistory) {
  std::mt19937 random(1);
  RowCache cache(kLayers, kShape, 8, 100);
  std::vector<std::vector<int>> histories;
  for (int step = 0; step < 300; ++step) {
    const std::size_t rows = 1 + random() % 8;
    std::vector<std::int32_t> parents, added;
    std::vector<std::vector<int>> next;
    for (std::size_t r = 0; r < rows; ++r) {
      const std::size_t choices = histories.size() + 1;
      auto parent = static_cast<std::int32_t>(random() % choices) - 1;
      if (parent >= 0 &&
          histories[static_cast<std::size_t>(parent)].size() > 60) {
        parent = -1;
      }
      parents.push_back(parent);
      // One position a step as a rule, prompts of up to 40 now and then.
      added.push_back(random() % 4 > 0 ? 1
                                       : 1 + static_cast<int>(random() % 40));
      next.push_back(parent < 0 ? std::vector<int>()
                                : histories[static_cast<std::size_t>(parent)]);
    }
    cache.Advance(parents, added);
    for (std::size_t r = 0; r < rows; ++r) {
      for (std::int32_t i = 0; i < added[r]; ++i) {
        const int token = static_cast<int>(random() % 1000);
        Write(cache, r, next[r].size(), token);
        next[r].push_back(token);
      }
      EXPECT_EQ(cache.length(r), static_cast<std::int32_t>(next[r].size()));
    }
    histories = next;
    for (std::size_t r = 0; r < rows; ++r) ExpectHistory(cache, r, next[r]);
  }
}

TEST(RowCacheTest, BeamsShareFullBlocksAndAnOnlyChildKeepsItsOwn) {
  RowCache cache(kLayers, kShape, 4, 64);
  const auto advance = [&](std::vector<std::int32_t> parents) {
    cache.Advance(parents, std::vector<std::int32_t>(parents.size(), 1));
    for (std::size_t r = 0; r < parents.size(); ++r) {
      Write(cache, r, static_cast<std::size_t>(cache.length(r)) - 1, 7);
    }
  };
  advance({-1});
  for (int t = 1; t < 16; ++t) advance({0});
  EXPECT_EQ(cache.blocks_in_use(), 1u) << "an only child needs no second block";
  const std::int32_t kept = cache.View(0, 0).table[0];
  advance({0, 0, 0});
  EXPECT_EQ(cache.blocks_in_use(), 4u) << "one shared, one new each";
  for (std::size_t r = 0; r < 3; ++r) {
    EXPECT_EQ(cache.View(0, r).table[0], kept);
  }
  advance({1, 1});
  EXPECT_EQ(cache.blocks_in_use(), 3u) << "rows 0 and 2 are gone";
  advance({});
  EXPECT_EQ(cache.blocks_in_use(), 0u);
}

TEST(SentenceCacheTest, HoldsEachSentenceUntilItsSlotIsReused) {
  SentenceCache cache(1, kShape, 3);
  const auto set = [&](std::size_t slot, std::size_t length, int token) {
    cache.Reset(slot, length);
    const std::vector<float> keys = Mark(token, 0, length * 6);
    const std::vector<float> values = Mark(token, 0, length * 10);
    cache.Set(0, slot, kernels::Dense(keys.data(), length, 6),
              kernels::Dense(values.data(), length, 10));
  };
  const auto expect = [&](std::size_t slot, std::size_t length, int token) {
    const KeyValueBlocks view = cache.View(0, slot);
    ASSERT_EQ(view.length, length);
    for (std::size_t p = 0; p < length; ++p) {
      EXPECT_EQ(TokenAt(view, p), static_cast<float>(token));
    }
  };
  set(0, 17, 1);
  set(1, 1, 2);
  set(2, 200, 3);  // more than the pool began with
  set(1, 33, 4);
  expect(0, 17, 1);
  expect(1, 33, 4);
  expect(2, 200, 3);
}

}  // namespace
}  // namespace tessera::models
