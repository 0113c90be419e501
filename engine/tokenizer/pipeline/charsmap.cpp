// Charsmap: a walk in a double array, over graphemes by ICU.
#include "engine/tokenizer/pipeline/charsmap.h"

#include <unicode/brkiter.h>
#include <unicode/utext.h>

#include <cstring>
#include <memory>

#include "engine/tokenizer/charsmap_check.h"
#include "engine/tokenizer/pipeline/pattern.h"
#include "engine/tokenizer/pipeline/segment.h"
#include "engine/tokenizer/text.h"
#include "models/files/message.h"

namespace tessera::engine {
namespace {

// Longer graphemes are not looked up as a whole.
constexpr std::size_t kGraphemeBytes = 6;

int Digit(char c) {
  constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  const std::size_t at = kDigits.find(c);
  return at == std::string_view::npos ? -1 : static_cast<int>(at);
}

// darts-clone's units.
bool HasLeaf(std::uint32_t unit) { return (unit >> 8 & 1) == 1; }
std::uint32_t Value(std::uint32_t unit) { return unit & 0x7FFFFFFF; }
std::uint32_t Label(std::uint32_t unit) { return unit & 0x800000FF; }
std::uint32_t Offset(std::uint32_t unit) {
  return unit >> 10 << ((unit & 0x200) >> 6);
}

void Require(UErrorCode status) {
  if (U_SUCCESS(status)) return;
  models::Refuse("ICU", "its data of characters", u_errorName(status));
}

// Where each grapheme ends. Making an iterator takes 30 us, a copy of one 1 us.
std::vector<std::size_t> GraphemeEnds(std::string_view text) {
  static const std::unique_ptr<const icu::BreakIterator> prototype = [] {
    UErrorCode status = U_ZERO_ERROR;
    std::unique_ptr<const icu::BreakIterator> made(
        icu::BreakIterator::createCharacterInstance(icu::Locale::getRoot(),
                                                    status));
    Require(status);
    return made;
  }();
  UErrorCode status = U_ZERO_ERROR;
  UText input = UTEXT_INITIALIZER;
  utext_openUTF8(&input, text.data(), static_cast<std::int64_t>(text.size()),
                 &status);
  std::vector<std::size_t> ends;
  {
    const std::unique_ptr<icu::BreakIterator> graphemes(prototype->clone());
    graphemes->setText(&input, status);
    while (U_SUCCESS(status)) {
      const std::int32_t end = graphemes->next();
      if (end == icu::BreakIterator::DONE) break;
      ends.push_back(static_cast<std::size_t>(end));
    }
  }
  utext_close(&input);
  Require(status);
  return ends;
}

}  // namespace

std::optional<std::string> DecodeBase64(std::string_view text) {
  if (text.size() % 4 != 0) return std::nullopt;
  for (int i = 0; i < 2 && text.ends_with('='); ++i) text.remove_suffix(1);
  std::string bytes;
  std::uint32_t bits = 0;
  int count = 0;
  for (const char c : text) {
    const int digit = Digit(c);
    if (digit < 0) return std::nullopt;
    bits = bits << 6 | static_cast<std::uint32_t>(digit);
    count += 6;
    if (count < 8) continue;
    count -= 8;
    bytes += static_cast<char>(bits >> count & 0xFF);
  }
  return bytes;
}

Charsmap::Charsmap(const std::string& where, std::string_view base64) {
  const std::optional<std::string> map = DecodeBase64(base64);
  if (!map) models::Refuse(where, "base64", models::QuoteText(base64));
  CheckCharsmap(where, *map);
  if (map->empty()) return;
  std::uint32_t trie_bytes = 0;
  std::memcpy(&trie_bytes, map->data(), sizeof(trie_bytes));
  units_.resize(trie_bytes / sizeof(std::uint32_t));
  std::memcpy(units_.data(), map->data() + sizeof(trie_bytes), trie_bytes);
  strings_ = map->substr(sizeof(trie_bytes) + trie_bytes);
  CheckUtf8(where, strings_);
}

std::optional<std::string_view> Charsmap::Find(std::string_view chunk) const {
  if (units_.empty()) return std::nullopt;
  std::size_t place = Offset(units_[0]);
  for (const char c : chunk) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte == 0) break;
    place ^= byte;
    const std::uint32_t unit = units_[place];
    if (Label(unit) != byte) break;
    place ^= Offset(unit);
    if (!HasLeaf(unit)) continue;
    const std::string_view rest =
        std::string_view(strings_).substr(Value(units_[place]));
    // An entry that points into a character is none.
    if (!rest.empty() && (rest[0] & 0xC0) == 0x80) return std::nullopt;
    return rest.substr(0, rest.find('\0'));
  }
  return std::nullopt;
}

std::string Charsmap::Apply(std::string_view text) const {
  std::string normal;
  std::size_t begin = 0;
  for (const std::size_t end : GraphemeEnds(text)) {
    const std::string_view grapheme = text.substr(begin, end - begin);
    begin = end;
    if (normal.size() > kMostNormalBytes) {
      throw TextError(
          ErrorKind::kTooLong,
          models::Cat("want a text that stays below ", kMostNormalBytes,
                      " bytes when it is normalised, found more"));
    }
    const auto whole = grapheme.size() < kGraphemeBytes
                           ? Find(grapheme)
                           : std::optional<std::string_view>();
    if (whole) {
      normal += *whole;
      continue;
    }
    for (CharacterWalk walk(grapheme); walk.Next();) {
      normal += Find(walk.bytes()).value_or(walk.bytes());
    }
  }
  return normal;
}

}  // namespace tessera::engine
