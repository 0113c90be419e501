// Check of a SentencePiece normalisation table before libsentencepiece walks
// it.
#ifndef TESSERA_ENGINE_TOKENIZER_CHARSMAP_CHECK_H_
#define TESSERA_ENGINE_TOKENIZER_CHARSMAP_CHECK_H_

#include <string_view>

namespace tessera::engine {

// Throws Error, whose message begins with `where`, unless libsentencepiece can
// walk the table without reading outside of it, whatever the text, and what
// comes out is UTF-8 of at most 64 bytes, 16 for each byte that went in: the
// library follows the table's offsets unchecked.
//
//   charsmap  u32 trie bytes | double array, u32 units | strings, each with NUL
//
// Source: darts-clone's unit format (github.com/s-yata/darts-clone).
void CheckCharsmap(std::string_view where, std::string_view charsmap);

}  // namespace tessera::engine

#endif  // TESSERA_ENGINE_TOKENIZER_CHARSMAP_CHECK_H_
