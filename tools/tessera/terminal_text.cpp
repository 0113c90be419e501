// Character properties by ICU.
#include "tools/tessera/terminal_text.h"

#include <unicode/uchar.h>
#include <unicode/utf8.h>

#include <cstdint>
#include <cstdio>

#include "engine/tokenizer/text.h"

namespace tessera::tools {
namespace {

struct Character {
  UChar32 code;  // negative: not UTF-8
  std::string_view bytes;
};

// The first character; removes it.
Character Take(std::string_view& text) {
  constexpr std::size_t kMaxBytes = 4;
  UChar32 code = -1;
  std::int32_t end = 0;
  if (engine::ValidUtf8Prefix(text.substr(0, kMaxBytes)) > 0) {
    U8_NEXT_UNSAFE(text.data(), end, code);
  } else {
    end = 1;
  }
  const auto bytes = text.substr(0, static_cast<std::size_t>(end));
  text.remove_prefix(bytes.size());
  return {code, bytes};
}

bool IsPrintable(UChar32 code) {
  if (code < 0) return false;
  constexpr std::uint32_t kUnseen =
      U_GC_C_MASK | U_GC_ZL_MASK | U_GC_ZP_MASK;  // controls, formats, ends
  return (U_GET_GC_MASK(code) & kUnseen) == 0;
}

std::size_t ColumnsOf(UChar32 code) {
  if (u_getCombiningClass(code) != 0 ||
      (U_GET_GC_MASK(code) & (U_GC_MN_MASK | U_GC_ME_MASK)) != 0) {
    return 0;
  }
  const auto width = static_cast<UEastAsianWidth>(
      u_getIntPropertyValue(code, UCHAR_EAST_ASIAN_WIDTH));
  return width == U_EA_WIDE || width == U_EA_FULLWIDTH ? 2 : 1;
}

std::string Spelled(const Character& character) {
  char text[16];
  if (character.code >= 0) {
    std::snprintf(text, sizeof text, "\\u{%X}",
                  static_cast<unsigned>(character.code));
  } else {
    const auto byte = static_cast<unsigned char>(character.bytes.front());
    std::snprintf(text, sizeof text, "\\x%02X", static_cast<unsigned>(byte));
  }
  return text;
}

std::string Spaces(std::string_view text, std::size_t columns) {
  const std::size_t taken = Columns(text);
  return std::string(columns > taken ? columns - taken : 0, ' ');
}

}  // namespace

std::string Printable(std::string_view text) {
  std::string printable;
  while (!text.empty()) {
    const Character character = Take(text);
    printable += IsPrintable(character.code) ? character.bytes : "\uFFFD";
  }
  return printable;
}

std::string Escaped(std::string_view text) {
  std::string escaped;
  while (!text.empty()) {
    const Character character = Take(text);
    if (IsPrintable(character.code)) {
      escaped += character.bytes;
    } else if (character.code == '\n' || character.code == '\r') {
      escaped += ' ';
    } else {
      escaped += Spelled(character);
    }
  }
  return escaped;
}

std::size_t Columns(std::string_view text) {
  std::size_t columns = 0;
  while (!text.empty()) columns += ColumnsOf(Take(text).code);
  return columns;
}

std::string Shortened(std::string_view text, std::size_t columns) {
  if (Columns(text) <= columns) return std::string(text);
  std::string shortened;
  std::size_t taken = 1;  // of the ellipsis
  while (!text.empty()) {
    const Character character = Take(text);
    taken += ColumnsOf(character.code);
    if (taken > columns) break;
    shortened += character.bytes;
  }
  return shortened + "…";
}

std::string RightAligned(std::string_view text, std::size_t columns) {
  return Spaces(text, columns).append(text);
}

std::string LeftAligned(std::string_view text, std::size_t columns) {
  return std::string(text) + Spaces(text, columns);
}

}  // namespace tessera::tools
