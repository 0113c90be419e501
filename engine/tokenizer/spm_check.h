// Checks of a SentencePiece model file before libsentencepiece reads it.
#ifndef TESSERA_ENGINE_TOKENIZER_SPM_CHECK_H_
#define TESSERA_ENGINE_TOKENIZER_SPM_CHECK_H_

#include <string_view>

namespace tessera::engine {

// The file comes from strangers; the library trusts parts of it. Throws Error,
// whose message begins with `where`, unless `model` is a protocol buffer with
// at least one piece, all pieces are UTF-8 of 1 to 1,024 bytes without NUL, and
// its normalisation tables are sound. What is left to the library: types,
// scores, duplicate pieces.
void CheckSentencePieceModel(std::string_view where, std::string_view model);

// Throws Error, whose message begins with `where`, unless libsentencepiece can
// walk the table without reading outside of it, whatever the text: the library
// follows the table's offsets unchecked.
//
//   charsmap  u32 trie bytes | double array, u32 units | strings, each with NUL
//
// Source: darts-clone's unit format (github.com/s-yata/darts-clone).
void CheckCharsmap(std::string_view where, std::string_view charsmap);

}  // namespace tessera::engine

#endif  // TESSERA_ENGINE_TOKENIZER_SPM_CHECK_H_
