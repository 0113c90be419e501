// Calls of ICU.
#include "engine/tokenizer/unicode.h"

#include <tessera/error.h>
#include <unicode/bytestream.h>
#include <unicode/casemap.h>
#include <unicode/stringpiece.h>
#include <unicode/uchar.h>
#include <unicode/uscript.h>
#include <unicode/utf8.h>

#include <cstdint>

namespace tessera::engine {
namespace {

// ICU counts in int32_t and fails only where its data are not to be had.
void Require(UErrorCode status) {
  if (U_SUCCESS(status)) return;
  throw Error(std::string("ICU: want its character data, found ") +
              u_errorName(status));
}

bool IsKept(UChar32 character) {
  if (character == '\'' || u_isUWhiteSpace(character)) return true;
  UErrorCode status = U_ZERO_ERROR;
  const UScriptCode script = uscript_getScript(character, &status);
  Require(status);
  return script == USCRIPT_LATIN;
}

}  // namespace

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
