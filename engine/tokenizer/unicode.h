// Unicode's properties of characters, by ICU and in its version of Unicode.
#ifndef TESSERA_ENGINE_TOKENIZER_UNICODE_H_
#define TESSERA_ENGINE_TOKENIZER_UNICODE_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tessera::engine {

// The text in lower case by the full mapping of no language, as Python's
// str.lower: "İ" becomes "i" with U+0307, "Σ" at the end of a word "ς".
// Requires well-formed UTF-8 of less than 2 GiB.
std::string LowerCase(std::string_view text);

// The text's characters of the Latin script, its white space and its "'", as
// regex.sub(r"[^\s\p{Latin}']", "", text) of the Python module `regex` leaves
// them. White space is Unicode's property, without U+001C to U+001F. Requires
// well-formed UTF-8 of less than 2 GiB.
std::string KeepLatin(std::string_view text);

// Categories L and N, the property White_Space, and all else.
enum class CharacterKind : std::uint8_t { kLetter, kNumber, kSpace, kOther };

struct Character {
  std::size_t begin;  // in the text
  CharacterKind kind;
};

// The characters of a text. Requires well-formed UTF-8 of less than 2 GiB.
std::vector<Character> Characters(std::string_view text);

}  // namespace tessera::engine

#endif  // TESSERA_ENGINE_TOKENIZER_UNICODE_H_
