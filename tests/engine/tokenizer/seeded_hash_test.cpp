// Hashes of pieces: equal for equal keys, spread for keys that are chosen to
// meet in one bucket.
#include "engine/tokenizer/seeded_hash.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

namespace tessera::engine {
namespace {

TEST(SeededHashTest, IsThatOfTheKeyAlone) {
  const SeededHash hash;
  for (const std::string text :
       {"", "a", "ab", "abcdefgh", "abcdefghi", "a longer piece than most"}) {
    const std::string copy = text + "rest";
    EXPECT_EQ(hash(std::string_view(text)),
              hash(std::string_view(copy).substr(0, text.size())));
  }
  EXPECT_EQ(hash(std::uint64_t{7}), hash(std::uint64_t{7}));
}

TEST(SeededHashTest, TellsTextsApartThatDifferInAByteOrInZeros) {
  const SeededHash hash;
  std::set<std::size_t> seen;
  std::size_t texts = 0;
  for (std::size_t size = 0; size <= 20; ++size, ++texts) {
    seen.insert(hash(std::string_view(std::string(size, '\0'))));
    for (std::size_t at = 0; at < size; ++at, ++texts) {
      std::string text(size, '\0');
      text[at] = 1;
      seen.insert(hash(std::string_view(text)));
    }
  }
  EXPECT_EQ(seen.size(), texts);
}

// Most keys in one bucket of the table that holds them.
template <class Key>
std::size_t Worst(const std::vector<Key>& keys) {
  std::unordered_map<Key, int, SeededHash> table;
  for (const Key& key : keys) table[key] = 1;
  std::size_t worst = 0;
  for (std::size_t bucket = 0; bucket < table.bucket_count(); ++bucket) {
    worst = std::max(worst, table.bucket_size(bucket));
  }
  return worst;
}

// Each row would fall into one bucket under std::hash of numbers: multiples of
// the number of buckets.
TEST(SeededHashTest, SpreadsNumbersThatWereChosenToMeet) {
  for (const std::uint64_t step :
       {std::uint64_t{1}, std::uint64_t{1} << 32, std::uint64_t{1} << 48,
        std::uint64_t{20753}, std::uint64_t{42043}, std::uint64_t{85229},
        std::uint64_t{172933}}) {
    std::vector<std::uint64_t> keys;
    for (std::uint64_t i = 0; i < 20'000; ++i) keys.push_back(i * step);
    EXPECT_LT(Worst(keys), 20u) << step;
  }
}

TEST(SeededHashTest, SpreadsTexts) {
  std::vector<std::string> keys;
  for (int i = 0; i < 20'000; ++i)
    keys.push_back(std::to_string(i) + "abcdefg");
  EXPECT_LT(Worst(keys), 20u);
}

}  // namespace
}  // namespace tessera::engine
