// Texts as tokenizers take them: well-formed UTF-8, white space, lines, and
// Unicode's properties of characters by ICU, in its version of Unicode.
#ifndef TESSERA_ENGINE_TOKENIZER_TEXT_H_
#define TESSERA_ENGINE_TOKENIZER_TEXT_H_

#include <tessera/error.h>
#include <tessera/translation.h>

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

namespace tessera::engine {

// An Error that is the text's own fault, or its caller's wish.
class TextError : public Error {
 public:
  TextError(ErrorKind kind, const std::string& message)
      : Error(message), kind_(kind) {}

  ErrorKind kind() const { return kind_; }

 private:
  ErrorKind kind_;
};

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

// The same at one side only.
std::string_view StripSpaceBegin(std::string_view text) noexcept;
std::string_view StripSpaceEnd(std::string_view text) noexcept;

// What stands between white space, as Python's str.split. Requires well-formed
// UTF-8.
std::vector<std::string_view> SplitSpace(std::string_view text);

// The first of them; empty if there is none.
std::string_view FirstWord(std::string_view text);

// The first `most` lines without their ends, as Python's str.splitlines:
// besides LF, CR and CR LF those are VT, FF, U+001C to U+001E, U+0085, U+2028
// and U+2029. What follows the last end is a line if it is not empty. Requires
// well-formed UTF-8.
std::vector<std::string_view> SplitLines(
    std::string_view text,
    std::size_t most = std::numeric_limits<std::size_t>::max());

// Throws TextError for the first byte that is not of well-formed UTF-8.
// `where`, which may be empty, opens the message.
void CheckUtf8(std::string_view where, std::string_view text);

// Throws TextError unless the text is UTF-8 of at most kMaxTextBytes.
void CheckText(std::string_view text);

// Replaces each `from` that str.replace of Python finds, from the left.
void ReplaceAll(std::string& text, std::string_view from, std::string_view to);

// Takes out the spaces before English punctuation and contractions, as
// clean_up_tokenization_spaces of tokenizer_config.json asks for (Hugging
// Face's clean_up_tokenization).
void CleanUpSpaces(std::string& text);

// The text in lower case by the full mapping of no language, as Python's
// str.lower: "İ" becomes "i" with U+0307, "Σ" at the end of a word "ς".
// Requires well-formed UTF-8 of less than 2 GiB.
std::string LowerCase(std::string_view text);

// The text's characters of the Latin script, its white space and its "'", as
// regex.sub(r"[^\s\p{Latin}']", "", text) of the Python module `regex` leaves
// them. White space is Unicode's property, without U+001C to U+001F. Requires
// well-formed UTF-8 of less than 2 GiB.
std::string KeepLatin(std::string_view text);

// The first and the last character of a text. Requires well-formed UTF-8 of one
// character at least.
std::int32_t FirstCharacter(std::string_view text);
std::int32_t LastCharacter(std::string_view text);

// Categories L and N, the property White_Space, and all else.
enum class CharacterKind : std::uint8_t { kLetter, kNumber, kSpace, kOther };

struct Character {
  std::size_t begin;  // in the text
  CharacterKind kind;
};

// The characters of a text. Requires well-formed UTF-8 of less than 2 GiB.
std::vector<Character> Characters(std::string_view text);

}  // namespace tessera::engine

#endif  // TESSERA_ENGINE_TOKENIZER_TEXT_H_
