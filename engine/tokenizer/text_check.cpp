// Checks of texts.
#include "engine/tokenizer/text_check.h"

#include <tessera/options.h>

#include <cstdio>
#include <string>

#include "engine/request/failure.h"
#include "engine/tokenizer/utf8.h"

namespace tessera::engine {

void CheckUtf8(std::string_view where, std::string_view text) {
  const std::size_t valid = ValidUtf8Prefix(text);
  if (valid == text.size()) return;
  char byte[8];
  std::snprintf(byte, sizeof byte, "0x%02X",
                static_cast<unsigned>(static_cast<unsigned char>(text[valid])));
  throw TextError(ErrorKind::kBadText,
                  std::string(where) + (where.empty() ? "" : ": ") +
                      "want UTF-8, found byte " + byte + " at offset " +
                      std::to_string(valid));
}

void CheckText(std::string_view text) {
  if (text.size() > kMaxTextBytes) {
    throw TextError(ErrorKind::kTooLong,
                    "want at most " + std::to_string(kMaxTextBytes) +
                        " bytes of text, found " + std::to_string(text.size()));
  }
  CheckUtf8("", text);
}

}  // namespace tessera::engine
