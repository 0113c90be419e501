// Walks every path of the double array once.
#include "engine/tokenizer/charsmap_check.h"

#include <tessera/error.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

namespace tessera::engine {
namespace {

// libsentencepiece keeps the matches of one walk in an array of this size and
// reads as many as there were.
constexpr std::int32_t kMaxMatches = 32;
// Longest key in bytes. Those of the library's own tables have under 40.
constexpr int kMaxDepth = 256;

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
  TrieCheck(std::string_view where, std::string_view trie, std::size_t strings)
      : where_(where),
        strings_(strings),
        units_(trie.size() / sizeof(std::uint32_t)),
        matches_(units_.size(), kUnseen) {
    std::memcpy(units_.data(), trie.data(), units_.size() * 4);
  }

  void Run() { Visit(0, 0); }

 private:
  static constexpr std::int32_t kUnseen = -2;
  static constexpr std::int32_t kOpen = -1;

  [[noreturn]] void Fail(const char* found) const {
    throw Error(where_ + ": want a sound normalisation table, found " + found);
  }

  // The most matches on a path that begins with the node at `at`. Paths may
  // join (the builder shares equal ends), so each node is entered once.
  std::int32_t Visit(std::size_t at, int depth) {
    if (at >= units_.size()) Fail("an empty one");
    if (matches_[at] == kOpen) Fail("a loop in it");
    if (matches_[at] != kUnseen) return matches_[at];
    if (depth > kMaxDepth) Fail("a key of more than 256 bytes");
    matches_[at] = kOpen;
    const Unit unit(units_[at]);
    const std::size_t children = at ^ unit.offset();
    if ((children | 0xFF) >= units_.size()) Fail("an offset past its end");
    if (unit.has_value() && Unit(units_[children]).value() >= strings_) {
      Fail("a replacement past its end");
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

  const std::string where_;
  const std::size_t strings_;          // bytes of replacement strings
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
  if (!fits || trie_bytes % 4 != 0 || charsmap.back() != '\0') {
    throw Error(std::string(where) +
                ": want a normalisation table with its strings, found one "
                "that is cut short");
  }
  const std::string_view trie = charsmap.substr(4, trie_bytes);
  TrieCheck(where, trie, charsmap.size() - 4 - trie_bytes).Run();
}

}  // namespace tessera::engine
