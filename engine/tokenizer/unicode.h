// Unicode's properties of characters, by ICU and in its version of Unicode.
#ifndef TESSERA_ENGINE_TOKENIZER_UNICODE_H_
#define TESSERA_ENGINE_TOKENIZER_UNICODE_H_

#include <string>
#include <string_view>

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

}  // namespace tessera::engine

#endif  // TESSERA_ENGINE_TOKENIZER_UNICODE_H_
