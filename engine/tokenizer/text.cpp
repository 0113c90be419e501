// UTF-8 by the table of well-formed byte sequences (Unicode, table 3-7); calls
// of ICU for what needs more.
#include "engine/tokenizer/text.h"

#include <tessera/options.h>
#include <unicode/bytestream.h>
#include <unicode/casemap.h>
#include <unicode/stringpiece.h>
#include <unicode/uchar.h>
#include <unicode/uscript.h>
#include <unicode/utf8.h>

#include <array>
#include <cstdint>
#include <cstdio>
#include <span>
#include <string>
#include <utility>

#include "models/files/message.h"

namespace tessera::engine {
namespace {

unsigned Byte(std::string_view text, std::size_t at) {
  return static_cast<unsigned char>(text[at]);
}

bool InRange(unsigned value, unsigned first, unsigned last) {
  return first <= value && value <= last;
}

// What opens a non-empty text: bytes of a character, or those that begin one
// and break off, at least one.
struct Opening {
  std::size_t bytes;
  bool complete;
};

Opening ReadOpening(std::string_view text) {
  const unsigned lead = Byte(text, 0);
  if (lead < 0x80) return {1, true};
  const std::size_t length = InRange(lead, 0xC2, 0xDF)   ? 2
                             : InRange(lead, 0xE0, 0xEF) ? 3
                             : InRange(lead, 0xF0, 0xF4) ? 4
                                                         : 0;
  if (length == 0) return {1, false};
  // The second byte's range shuts out overlong forms (E0, F0), surrogates (ED)
  // and what lies above U+10FFFF (F4).
  unsigned first = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
  unsigned last = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
  for (std::size_t i = 1; i < length; ++i) {
    if (i == text.size() || !InRange(Byte(text, i), first, last)) {
      return {i, false};
    }
    first = 0x80;
    last = 0xBF;
  }
  return {length, true};
}

// The characters for which Python's str.isspace holds.
constexpr std::array<std::string_view, 29> kSpaces = {
    "\t",           "\n",
    "\v",           "\f",
    "\r",           "\x1C",
    "\x1D",         "\x1E",
    "\x1F",         " ",
    "\xC2\x85",     "\xC2\xA0",
    "\xE1\x9A\x80", "\xE2\x80\x80",
    "\xE2\x80\x81", "\xE2\x80\x82",
    "\xE2\x80\x83", "\xE2\x80\x84",
    "\xE2\x80\x85", "\xE2\x80\x86",
    "\xE2\x80\x87", "\xE2\x80\x88",
    "\xE2\x80\x89", "\xE2\x80\x8A",
    "\xE2\x80\xA8", "\xE2\x80\xA9",
    "\xE2\x80\xAF", "\xE2\x81\x9F",
    "\xE3\x80\x80"};

// Those at which Python's str.splitlines ends a line.
constexpr std::array<std::string_view, 11> kLineEnds = {
    "\r\n", "\r",   "\n",       "\v",           "\f",          "\x1C",
    "\x1D", "\x1E", "\xC2\x85", "\xE2\x80\xA8", "\xE2\x80\xA9"};

// Bytes of the first of `marks` that opens the text; 0 if none does.
std::size_t Leading(std::string_view text,
                    std::span<const std::string_view> marks) {
  for (const std::string_view mark : marks) {
    if (text.starts_with(mark)) return mark.size();
  }
  return 0;
}

std::size_t LeadingSpace(std::string_view text) {
  return Leading(text, kSpaces);
}

// The text up to the first of `marks`. Their first bytes open characters, so
// that none is found inside of one.
std::string_view Before(std::string_view text,
                        std::span<const std::string_view> marks) {
  std::size_t at = 0;
  while (at < text.size() && Leading(text.substr(at), marks) == 0) ++at;
  return text.substr(0, at);
}

std::size_t TrailingSpace(std::string_view text) {
  for (const std::string_view space : kSpaces) {
    if (text.ends_with(space)) return space.size();
  }
  return 0;
}

// ICU counts in int32_t and fails only where its data are not to be had.
void Require(UErrorCode status) {
  if (U_SUCCESS(status)) return;
  models::Refuse("ICU", "its character data", u_errorName(status));
}

bool IsKept(UChar32 character) {
  if (character == '\'' || u_isUWhiteSpace(character)) return true;
  UErrorCode status = U_ZERO_ERROR;
  const UScriptCode script = uscript_getScript(character, &status);
  Require(status);
  return script == USCRIPT_LATIN;
}

}  // namespace

std::size_t ValidUtf8Prefix(std::string_view text) noexcept {
  std::size_t at = 0;
  while (at < text.size()) {
    const Opening opening = ReadOpening(text.substr(at));
    if (!opening.complete) break;
    at += opening.bytes;
  }
  return at;
}

std::string ReplaceInvalid(std::string_view bytes,
                           std::string_view replacement) {
  std::string text;
  while (!bytes.empty()) {
    const Opening opening = ReadOpening(bytes);
    text += opening.complete ? bytes.substr(0, opening.bytes) : replacement;
    bytes.remove_prefix(opening.bytes);
  }
  return text;
}

std::string_view StripSpaceBegin(std::string_view text) noexcept {
  while (const std::size_t space = LeadingSpace(text)) {
    text.remove_prefix(space);
  }
  return text;
}

std::string_view StripSpaceEnd(std::string_view text) noexcept {
  while (const std::size_t space = TrailingSpace(text)) {
    text.remove_suffix(space);
  }
  return text;
}

std::string_view StripSpace(std::string_view text) noexcept {
  return StripSpaceEnd(StripSpaceBegin(text));
}

std::vector<std::string_view> SplitSpace(std::string_view text) {
  std::vector<std::string_view> words;
  for (text = StripSpace(text); !text.empty(); text = StripSpace(text)) {
    words.push_back(Before(text, kSpaces));
    text.remove_prefix(words.back().size());
  }
  return words;
}

std::string_view FirstWord(std::string_view text) {
  return Before(StripSpace(text), kSpaces);
}

std::vector<std::string_view> SplitLines(std::string_view text,
                                         std::size_t most) {
  std::vector<std::string_view> lines;
  while (!text.empty() && lines.size() < most) {
    lines.push_back(Before(text, kLineEnds));
    text.remove_prefix(lines.back().size());
    text.remove_prefix(Leading(text, kLineEnds));
  }
  return lines;
}

void CheckUtf8(std::string_view where, std::string_view text) {
  const std::size_t valid = ValidUtf8Prefix(text);
  if (valid == text.size()) return;
  char byte[8];
  std::snprintf(byte, sizeof byte, "0x%02X",
                static_cast<unsigned>(static_cast<unsigned char>(text[valid])));
  throw TextError(
      ErrorKind::kBadText,
      models::Cat(where, where.empty() ? "" : ": ", "want UTF-8, found byte ",
                  byte, " at offset ", valid));
}

void CheckText(std::string_view text) {
  if (text.size() > kMaxTextBytes) {
    throw TextError(ErrorKind::kTooLong,
                    models::Cat("want at most ", kMaxTextBytes,
                                " bytes of text, found ", text.size()));
  }
  CheckUtf8("", text);
}

void ReplaceAll(std::string& text, std::string_view from, std::string_view to) {
  std::string replaced;
  std::size_t begin = 0;
  for (std::size_t at = 0; (at = text.find(from, begin)) != std::string::npos;
       begin = at + from.size()) {
    replaced.append(text, begin, at - begin).append(to);
  }
  if (begin == 0) return;
  text = replaced.append(text, begin);
}

void CleanUpSpaces(std::string& text) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 10>
      kRules = {{{" .", "."},
                 {" ?", "?"},
                 {" !", "!"},
                 {" ,", ","},
                 {" ' ", "'"},
                 {" n't", "n't"},
                 {" 'm", "'m"},
                 {" 's", "'s"},
                 {" 've", "'ve"},
                 {" 're", "'re"}}};
  for (const auto& [from, to] : kRules) ReplaceAll(text, from, to);
}

std::string LowerCase(std::string_view text) {
  std::string lower;
  icu::StringByteSink<std::string> sink(&lower);
  UErrorCode status = U_ZERO_ERROR;
  icu::CaseMap::utf8ToLower(
      "", 0, {text.data(), static_cast<std::int32_t>(text.size())}, sink,
      nullptr, status);
  Require(status);
  return lower;
}

std::string KeepLatin(std::string_view text) {
  std::string kept;
  const auto size = static_cast<std::int32_t>(text.size());
  for (std::int32_t begin = 0, end = 0; end < size; begin = end) {
    UChar32 character = 0;
    U8_NEXT_UNSAFE(text.data(), end, character);
    if (!IsKept(character)) continue;
    kept += text.substr(static_cast<std::size_t>(begin),
                        static_cast<std::size_t>(end - begin));
  }
  return kept;
}

std::int32_t FirstCharacter(std::string_view text) {
  UChar32 character = 0;
  std::int32_t at = 0;
  U8_NEXT_UNSAFE(text.data(), at, character);
  return character;
}

std::int32_t LastCharacter(std::string_view text) {
  std::size_t at = text.size() - 1;
  while (at > 0 && U8_IS_TRAIL(text[at])) --at;
  return FirstCharacter(text.substr(at));
}

std::vector<Character> Characters(std::string_view text) {
  std::vector<Character> characters;
  const auto size = static_cast<std::int32_t>(text.size());
  for (std::int32_t begin = 0, end = 0; end < size; begin = end) {
    UChar32 code = 0;
    U8_NEXT_UNSAFE(text.data(), end, code);
    const auto category = U_GET_GC_MASK(code);
    const CharacterKind kind = u_isUWhiteSpace(code)    ? CharacterKind::kSpace
                               : category & U_GC_L_MASK ? CharacterKind::kLetter
                               : category & U_GC_N_MASK ? CharacterKind::kNumber
                                                        : CharacterKind::kOther;
    characters.push_back({static_cast<std::size_t>(begin), kind});
  }
  return characters;
}

}  // namespace tessera::engine
