// Checks of a text before it is tokenised.
#ifndef TESSERA_ENGINE_TOKENIZER_TEXT_CHECK_H_
#define TESSERA_ENGINE_TOKENIZER_TEXT_CHECK_H_

#include <string_view>

namespace tessera::engine {

// Throws TextError for the first byte that is not of well-formed UTF-8.
// `where`, which may be empty, opens the message.
void CheckUtf8(std::string_view where, std::string_view text);

// Throws TextError unless the text is UTF-8 of at most kMaxTextBytes.
void CheckText(std::string_view text);

}  // namespace tessera::engine

#endif  // TESSERA_ENGINE_TOKENIZER_TEXT_CHECK_H_
