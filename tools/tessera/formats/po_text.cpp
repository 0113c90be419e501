// C's escapes.
#include "tools/tessera/formats/po_text.h"

#include <tessera/error.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <utility>

#include "models/files/message.h"

namespace tessera::tools {
namespace {

constexpr std::array<std::pair<char, char>, 10> kEscapes = {{{'n', '\n'},
                                                             {'t', '\t'},
                                                             {'"', '"'},
                                                             {'\\', '\\'},
                                                             {'r', '\r'},
                                                             {'a', '\a'},
                                                             {'b', '\b'},
                                                             {'f', '\f'},
                                                             {'v', '\v'},
                                                             {'?', '?'}}};

int DigitOf(char c, int base) {
  int digit = base;
  if ('0' <= c && c <= '9') digit = c - '0';
  if ('a' <= c && c <= 'f') digit = c - 'a' + 10;
  if ('A' <= c && c <= 'F') digit = c - 'A' + 10;
  return digit < base ? digit : -1;
}

// Takes the digits of a byte; nothing if there are none, or too large a number.
bool TakeByte(std::string_view& text, int base, std::size_t most,
              std::string& to) {
  int byte = 0;
  std::size_t count = 0;
  while (count < most && count < text.size() &&
         DigitOf(text[count], base) >= 0) {
    byte = byte * base + DigitOf(text[count++], base);
  }
  text.remove_prefix(count);
  if (count == 0 || byte > 0xFF) return false;
  to += static_cast<char>(byte);
  return true;
}

// Takes an escape without its "\".
bool TakeEscape(std::string_view& text, std::string& to) {
  if (text.empty()) return false;
  for (const auto& [letter, meant] : kEscapes) {
    if (text[0] != letter) continue;
    to += meant;
    text.remove_prefix(1);
    return true;
  }
  if (text[0] == 'x') {
    text.remove_prefix(1);
    return TakeByte(text, 16, 2, to);
  }
  return TakeByte(text, 8, 3, to);
}

std::string Quoted(std::string_view text) {
  std::string quoted = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    char letter = 0;
    for (const auto& [own, meant] : kEscapes) {
      if (meant == c && own != '?') letter = own;
    }
    if (letter != 0) {
      quoted.append(1, '\\').append(1, letter);
    } else if (byte < 0x20 || byte == 0x7F) {  // three digits: none can follow
      quoted += '\\';
      for (const int shift : {6, 3, 0}) {
        quoted += static_cast<char>('0' + ((byte >> shift) & 7));
      }
    } else {
      quoted += c;
    }
  }
  return quoted + '"';
}

}  // namespace

std::string PoUnquote(std::string_view quoted) {
  const auto refuse = [&] {
    throw Error(models::Cat("want a string in quotes with escapes of C, found ",
                            models::QuoteText(quoted)));
  };
  std::string_view rest = quoted;
  if (rest.size() < 2 || !rest.starts_with('"')) refuse();
  rest.remove_prefix(1);
  std::string text;
  while (!rest.empty() && rest[0] != '"') {
    const bool escaped = rest[0] == '\\';
    if (!escaped) text += rest[0];
    rest.remove_prefix(1);
    if (escaped && !TakeEscape(rest, text)) refuse();
  }
  if (rest != "\"") refuse();
  return text;
}

std::string PoField(std::string_view word, std::string_view text,
                    std::string_view line_end) {
  std::string field = models::Cat(word, " ");
  const std::size_t first = text.find('\n');
  if (first == std::string_view::npos || first + 1 == text.size()) {
    return field.append(Quoted(text)).append(line_end);
  }
  field.append("\"\"").append(line_end);
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size() - 1) + 1;
    field.append(Quoted(text.substr(0, end))).append(line_end);
    text.remove_prefix(end);
  }
  return field;
}

}  // namespace tessera::tools
