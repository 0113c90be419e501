// Every path of the table's double array, walked once.
#include "engine/tokenizer/charsmap_check.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include "engine/tokenizer/text.h"
#include "models/files/message.h"

namespace tessera::engine {
namespace {

// libsentencepiece keeps the matches of one walk in an array of this size and
// reads as many as there were.
constexpr std::int32_t kMaxMatches = 32;
// Longest key in bytes. Those of the library's own tables have under 40.
constexpr std::size_t kMaxDepth = 256;
// Longest replacement: the library's own have up to 33 bytes, 11 for each byte
// of their key (U+FDFA). What a text grows to is bounded by it.
constexpr std::size_t kMaxReplacement = 64;
constexpr std::size_t kMaxGrowth = 16;
// The library's own tables have 60,000 units; a walk takes 256 loads for each.
constexpr std::size_t kMaxUnits = std::size_t{1} << 20;

class Unit {
 public:
  explicit Unit(std::uint32_t bits) : bits_(bits) {}
  bool has_value() const { return (bits_ >> 8 & 1) != 0; }
  std::uint32_t value() const { return bits_ & 0x7FFFFFFF; }
  std::uint32_t label() const { return bits_ & 0x800000FF; }
  std::uint32_t offset() const {
    return (bits_ >> 10) << ((bits_ & 0x200) >> 6);
  }

 private:
  std::uint32_t bits_;
};

class TrieCheck {
 public:
  TrieCheck(std::string_view where, std::vector<std::uint32_t> units,
            std::string_view strings)
      : where_(where),
        strings_(strings),
        units_(std::move(units)),
        matches_(units_.size(), kUnseen) {}

  void Run() { Visit(0, 0); }

 private:
  static constexpr std::int32_t kUnseen = -2;
  static constexpr std::int32_t kOpen = -1;

  [[noreturn]] void Fail(const char* found) const {
    models::Refuse(where_, "a sound normalisation table", found);
  }

  // The most matches on a path that begins with the node at `at`, `depth` bytes
  // from the root. Paths may join (the builder shares equal ends), so each node
  // is entered once.
  std::int32_t Visit(std::size_t at, std::size_t depth) {
    if (at >= units_.size()) Fail("an empty one");
    if (matches_[at] == kOpen) Fail("a loop in it");
    if (matches_[at] != kUnseen) return matches_[at];
    if (depth > kMaxDepth) Fail("a key of more than 256 bytes");
    matches_[at] = kOpen;
    const Unit unit(units_[at]);
    const std::size_t children = at ^ unit.offset();
    if ((children | 0xFF) >= units_.size()) Fail("an offset past its end");
    if (unit.has_value()) {
      CheckReplacement(Unit(units_[children]).value(), depth);
    }
    std::int32_t matches = 0;
    for (std::size_t label = 0; label < 256; ++label) {
      const std::size_t child = children ^ label;
      if (Unit(units_[child]).label() != label) continue;
      matches = std::max(matches, Visit(child, depth + 1));
    }
    matches += unit.has_value() ? 1 : 0;
    if (matches > kMaxMatches) Fail("more than 32 keys that open one another");
    return matches_[at] = matches;
  }

  // The string at `value`, of a key of `bytes` bytes.
  void CheckReplacement(std::size_t value, std::size_t bytes) const {
    if (value >= strings_.size()) Fail("a replacement past its end");
    if (value > 0 && strings_[value - 1] != '\0') {
      Fail("a replacement that begins within another");
    }
    const std::size_t end = strings_.find('\0', value);  // the last has one
    if (end - value > std::min(kMaxReplacement, kMaxGrowth * bytes)) {
      Fail("a replacement much longer than its key");
    }
  }

  const std::string where_;
  const std::string_view strings_;     // of the replacements
  std::vector<std::uint32_t> units_;   // the double array
  std::vector<std::int32_t> matches_;  // per unit: kUnseen, kOpen or result
};

}  // namespace

void CheckCharsmap(std::string_view where, std::string_view charsmap) {
  if (charsmap.empty()) return;  // no normalisation
  std::uint32_t trie_bytes = 0;
  const bool fits = charsmap.size() > sizeof(trie_bytes) &&
                    (std::memcpy(&trie_bytes, charsmap.data(), 4),
                     trie_bytes < charsmap.size() - sizeof(trie_bytes));
  if (!fits || trie_bytes == 0 || trie_bytes % 4 != 0 ||
      charsmap.back() != '\0') {
    models::Refuse(where, "a normalisation table with its strings",
                   "one that is cut short");
  }
  if (trie_bytes / 4 > kMaxUnits) {
    models::Refuse(
        where,
        models::Cat("a normalisation table of at most ", kMaxUnits, " units"),
        trie_bytes / 4);
  }
  std::vector<std::uint32_t> units(trie_bytes / 4);
  std::memcpy(units.data(), charsmap.data() + 4, trie_bytes);
  const std::string_view strings = charsmap.substr(4 + trie_bytes);
  if (ValidUtf8Prefix(strings) != strings.size()) {
    models::Refuse(where, "a normalisation table with UTF-8 strings",
                   "other bytes");
  }
  TrieCheck(where, std::move(units), strings).Run();
}

}  // namespace tessera::engine
