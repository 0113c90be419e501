// What tokenizers need of UTF-8: validity and white space.
#ifndef TESSERA_ENGINE_TOKENIZER_UTF8_H_
#define TESSERA_ENGINE_TOKENIZER_UTF8_H_

#include <cstddef>
#include <string_view>

namespace tessera {

// The number of bytes before the first character that is not well-formed UTF-8
// (overlong, surrogate, above U+10FFFF, cut short); text.size() if all are.
std::size_t ValidUtf8Prefix(std::string_view text) noexcept;

// text without the white space round it: all of Unicode's, as Python's
// str.strip. Requires well-formed UTF-8.
std::string_view StripSpace(std::string_view text) noexcept;

}  // namespace tessera

#endif  // TESSERA_ENGINE_TOKENIZER_UTF8_H_
