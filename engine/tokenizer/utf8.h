// What tokenizers need of UTF-8: validity, white space and lines.
#ifndef TESSERA_ENGINE_TOKENIZER_UTF8_H_
#define TESSERA_ENGINE_TOKENIZER_UTF8_H_

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace tessera::engine {

// The number of bytes before the first character that is not well-formed UTF-8
// (overlong, surrogate, above U+10FFFF, cut short); text.size() if all are.
std::size_t ValidUtf8Prefix(std::string_view text) noexcept;

// Bytes as text: each beginning of a character that breaks off, and each byte
// that begins none, is replaced, as in Python's bytes.decode.
std::string ReplaceInvalid(std::string_view bytes,
                           std::string_view replacement);

// text without the white space round it: all of Unicode's, as Python's
// str.strip. Requires well-formed UTF-8.
std::string_view StripSpace(std::string_view text) noexcept;

// What stands between white space, as Python's str.split. Requires well-formed
// UTF-8.
std::vector<std::string_view> SplitSpace(std::string_view text);

// The lines without their ends, as Python's str.splitlines: besides LF, CR and
// CR LF those are VT, FF, U+001C to U+001E, U+0085, U+2028 and U+2029. What
// follows the last end is a line if it is not empty. Requires well-formed
// UTF-8.
std::vector<std::string_view> SplitLines(std::string_view text);

}  // namespace tessera::engine

#endif  // TESSERA_ENGINE_TOKENIZER_UTF8_H_
