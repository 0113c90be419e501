// The caches of keys and values: sharing and release of blocks.
#include "models/layers/kv_cache.h"

#include <gtest/gtest.h>

#include <fstream>
#include <random>
#include <span>
#include <vector>

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

// The token that a view holds at a place, checked in all its elements.
float TokenAt(const KeyValueBlocks& view, std::size_t place) {
  const auto block =
      static_cast<std::size_t>(view.table[place / kPositionsPerBlock]);
  const std::size_t lane = place % kPositionsPerBlock;
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
  const kernels::KeyPlaces places = cache.places(row);
  bool straight = true;
  for (std::size_t p = 0; p < history.size(); ++p) {
    const auto place = static_cast<std::size_t>(places.data[p]);
    ASSERT_LT(place, places.stored);
    straight = straight && place == p;
  }
  EXPECT_EQ(cache.straight(row), straight);
  for (std::size_t layer = 0; layer < kLayers; ++layer) {
    const KeyValueBlocks view = cache.View(layer, row);
    ASSERT_EQ(view.length, history.size());
    for (std::size_t p = 0; p < history.size(); ++p) {
      EXPECT_EQ(TokenAt(view, static_cast<std::size_t>(places.data[p])),
                Mark(history[p], layer, 1)[0])
          << "row " << row << " position " << p;
    }
  }
}

// Steps of a cache beside what its rows must hold.
class Histories {
 public:
  struct Row {
    std::int32_t sentence;
    std::int32_t parent;
    std::size_t added = 1;
  };

  explicit Histories(std::size_t sentences, std::size_t rows)
      : cache_(kLayers, kShape, sentences, rows) {}

  void Advance(const std::vector<Row>& rows) {
    const std::vector<std::int32_t> tokens(100);
    std::vector<StepRow> step;
    std::vector<std::vector<int>> next;
    for (const Row& row : rows) {
      step.push_back(
          {row.sentence, row.parent, std::span(tokens).first(row.added)});
      next.push_back(row.parent < 0
                         ? std::vector<int>()
                         : of_[static_cast<std::size_t>(row.parent)]);
    }
    cache_.Advance(step);
    for (std::size_t r = 0; r < rows.size(); ++r) {
      for (std::size_t i = 0; i < rows[r].added; ++i) {
        Write(cache_, r, next[r].size(), ++token_);
        next[r].push_back(token_);
      }
    }
    of_ = next;
    ASSERT_EQ(cache_.size(), of_.size());
    for (std::size_t r = 0; r < of_.size(); ++r) {
      EXPECT_EQ(cache_.length(r), of_[r].size());
      ExpectHistory(cache_, r, of_[r]);
    }
  }
  const RowCache& cache() const { return cache_; }
  std::size_t rows() const { return of_.size(); }
  std::size_t length(std::size_t row) const { return of_[row].size(); }

 private:
  RowCache cache_;
  std::vector<std::vector<int>> of_;
  int token_ = 0;
};

// Forks, ends and prompts of three sentences, some rows longer than 64.
TEST(RowCacheTest, RandomForksKeepEveryHistory) {
  std::mt19937 random(1);
  Histories histories(3, 12);
  std::vector<std::int32_t> sentence_of;
  for (int step = 0; step < 300; ++step) {
    std::vector<Histories::Row> rows;
    for (std::int32_t sentence = 0; sentence < 3; ++sentence) {
      std::vector<std::int32_t> parents = {-1};
      for (std::size_t r = 0; r < histories.rows(); ++r) {
        if (sentence_of[r] == sentence && histories.length(r) < 90) {
          parents.push_back(static_cast<std::int32_t>(r));
        }
      }
      // Seldom from the start, as long as there is something to go on with.
      const std::size_t first = parents.size() > 1 && random() % 16 > 0 ? 1 : 0;
      const std::size_t count = random() % 5;
      for (std::size_t r = 0; r < count; ++r) {
        const std::size_t choice = first + random() % (parents.size() - first);
        // One position a step as a rule, prompts of up to 40 now and then.
        rows.push_back({sentence, parents[choice],
                        random() % 8 > 0 ? 1 : 1 + random() % 40});
      }
    }
    histories.Advance(rows);
    sentence_of.clear();
    for (const auto& row : rows) sentence_of.push_back(row.sentence);
  }
}

TEST(RowCacheTest, BeamsShareWhatTheyHaveReadAndNothingElse) {
  Histories histories(1, 4);
  histories.Advance({{0, -1}});
  for (int t = 1; t < 13; ++t) histories.Advance({{0, 0}});
  EXPECT_TRUE(histories.cache().straight(0));
  EXPECT_EQ(histories.cache().blocks_in_use(), 1u);
  histories.Advance({{0, 0}, {0, 0}, {0, 0}});
  EXPECT_EQ(histories.cache().blocks_in_use(), 1u) << "13 places and 3";
  EXPECT_EQ(histories.cache().places(2).data[13], 15);
  histories.Advance({{0, 1}, {0, 1}});
  EXPECT_EQ(histories.cache().blocks_in_use(), 1u) << "rows 0 and 2 are gone";
  EXPECT_EQ(histories.cache().places(0).stored, 16u);
  histories.Advance({});
  EXPECT_EQ(histories.cache().blocks_in_use(), 0u);
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

std::size_t ResidentBytes() {
  std::size_t size = 0, resident = 0;
  std::ifstream("/proc/self/statm") >> size >> resident;
  return resident * 4096;
}

// What a full batch needs is reserved, not taken: 8 buffers of 10 MiB, of each
// of which one sentence touches a block of 80 KiB.
TEST(RowCacheTest, OneSentenceTakesMemoryForItself) {
  constexpr BlockLayout kWide = {
      .kv_heads = 20, .key_width = 64, .value_width = 64};
  const std::vector<float> row(std::size_t{20} * 64, 1.0f);
  const kernels::Rows<const float> one =
      kernels::Dense(row.data(), 1, row.size());
  const std::size_t before = ResidentBytes();
  RowCache cache(4, kWide, 32, 128);
  const std::int32_t token = 7;
  const StepRow step[] = {{0, -1, {&token, 1}}};
  cache.Advance(step);
  for (std::size_t layer = 0; layer < 4; ++layer) {
    cache.Write(layer, 0, 0, one, one);
  }
  EXPECT_LT(ResidentBytes(), before + (std::size_t{12} << 20));
}

}  // namespace
}  // namespace tessera::models
