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

}  // namespace tessera::engine

#endif  // TESSERA_ENGINE_TOKENIZER_SPM_CHECK_H_
