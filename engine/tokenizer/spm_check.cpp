// A bounded reader of the protocol buffer wire format and the checks on top; of
// the normalisation table every path of its double array is walked once.
#include "engine/tokenizer/spm_check.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

#include "engine/tokenizer/text.h"
#include "models/files/message.h"

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
    models::Refuse(where_, "a sound normalisation table", found);
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

constexpr std::size_t kMaxPieceBytes = 1024;

// Field numbers of sentencepiece_model.proto.
constexpr std::uint64_t kPieces = 1, kNormalizer = 3, kDenormalizer = 5;
constexpr std::uint64_t kPieceText = 1;
constexpr std::uint64_t kCharsmap = 2;

[[noreturn]] void Fail(std::string_view where, const char* found) {
  models::Refuse(where, "a SentencePiece model", found);
}

// The fields of one message, one after another.
class Message {
 public:
  Message(std::string_view where, std::string_view bytes)
      : where_(where), rest_(bytes) {}

  bool Next() {
    if (rest_.empty()) return false;
    const std::uint64_t key = Varint();
    number_ = key >> 3;
    switch (key & 7) {
      case 0:
        Varint();
        bytes_ = {};
        break;
      case 1:
        bytes_ = Take(8);
        break;
      case 2:
        bytes_ = Take(Varint());
        break;
      case 5:
        bytes_ = Take(4);
        break;
      default:
        Fail(where_, "another kind of file");
    }
    return true;
  }

  std::uint64_t number() const { return number_; }
  std::string_view bytes() const { return bytes_; }

 private:
  std::string_view Take(std::uint64_t count) {
    if (count > rest_.size()) Fail(where_, "one that is cut short");
    const auto taken = rest_.substr(0, static_cast<std::size_t>(count));
    rest_.remove_prefix(taken.size());
    return taken;
  }

  std::uint64_t Varint() {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
      const auto byte = static_cast<unsigned char>(Take(1).front());
      value |= std::uint64_t{byte & 0x7Fu} << shift;
      if (byte < 0x80) return value;
    }
    Fail(where_, "another kind of file");
  }

  std::string_view where_;
  std::string_view rest_;
  std::uint64_t number_ = 0;
  std::string_view bytes_;  // of a field with a length; else its fixed bytes
};

void CheckPiece(std::string_view where, std::string_view piece,
                std::size_t index) {
  for (Message field(where, piece); field.Next();) {
    if (field.number() != kPieceText) continue;
    const std::string_view text = field.bytes();
    const bool sound = !text.empty() && text.size() <= kMaxPieceBytes &&
                       text.find('\0') == std::string_view::npos &&
                       ValidUtf8Prefix(text) == text.size();
    if (sound) continue;
    models::Refuse(models::Cat(where, ": piece ", index),
                   "UTF-8 of 1 to 1024 bytes without NUL",
                   models::Cat("other ", text.size(), " bytes"));
  }
}

void CheckNormalizer(std::string_view where, std::string_view normalizer) {
  for (Message field(where, normalizer); field.Next();) {
    if (field.number() == kCharsmap) CheckCharsmap(where, field.bytes());
  }
}

}  // namespace

void CheckCharsmap(std::string_view where, std::string_view charsmap) {
  if (charsmap.empty()) return;  // no normalisation
  std::uint32_t trie_bytes = 0;
  const bool fits = charsmap.size() > sizeof(trie_bytes) &&
                    (std::memcpy(&trie_bytes, charsmap.data(), 4),
                     trie_bytes < charsmap.size() - sizeof(trie_bytes));
  if (!fits || trie_bytes % 4 != 0 || charsmap.back() != '\0') {
    models::Refuse(where, "a normalisation table with its strings",
                   "one that is cut short");
  }
  const std::string_view trie = charsmap.substr(4, trie_bytes);
  TrieCheck(where, trie, charsmap.size() - 4 - trie_bytes).Run();
}

void CheckSentencePieceModel(std::string_view where, std::string_view model) {
  std::size_t pieces = 0;
  for (Message field(where, model); field.Next();) {
    if (field.number() == kPieces) {
      CheckPiece(where, field.bytes(), pieces++);
    } else if (field.number() == kNormalizer ||
               field.number() == kDenormalizer) {
      CheckNormalizer(where, field.bytes());
    }
  }
  if (pieces == 0) Fail(where, "one without pieces");
}

}  // namespace tessera::engine
