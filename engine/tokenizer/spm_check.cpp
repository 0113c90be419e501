// A bounded reader of the protocol buffer wire format and the checks on top.
#include "engine/tokenizer/spm_check.h"

#include <tessera/error.h>

#include <cstddef>
#include <cstdint>
#include <string>

#include "engine/tokenizer/charsmap_check.h"
#include "engine/tokenizer/utf8.h"

namespace tessera::engine {
namespace {

constexpr std::size_t kMaxPieceBytes = 1024;

// Field numbers of sentencepiece_model.proto.
constexpr std::uint64_t kPieces = 1, kNormalizer = 3, kDenormalizer = 5;
constexpr std::uint64_t kPieceText = 1;
constexpr std::uint64_t kCharsmap = 2;

[[noreturn]] void Fail(std::string_view where, const std::string& found) {
  throw Error(std::string(where) + ": want a SentencePiece model, found " +
              found);
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
    throw Error(std::string(where) + ": piece " + std::to_string(index) +
                ": want UTF-8 of 1 to 1024 bytes without NUL, found other " +
                std::to_string(text.size()) + " bytes");
  }
}

void CheckNormalizer(std::string_view where, std::string_view normalizer) {
  for (Message field(where, normalizer); field.Next();) {
    if (field.number() == kCharsmap) CheckCharsmap(where, field.bytes());
  }
}

}  // namespace

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
