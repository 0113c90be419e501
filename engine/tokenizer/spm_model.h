// A SentencePiece model file taken apart and written anew.
#ifndef TESSERA_ENGINE_TOKENIZER_SPM_MODEL_H_
#define TESSERA_ENGINE_TOKENIZER_SPM_MODEL_H_

#include <string>
#include <string_view>

namespace tessera::engine {

// The file comes from strangers; libsentencepiece trusts it. What it gets is
// this: the fields that encoding and decoding need, in the order of the file,
// each checked and written in the one way that there is for it. All others are
// left out, the samples that the library would encode while it loads among
// them.
//
// Throws Error, whose message begins with `where`, unless `model` is a protocol
// buffer (tags of 32 bits, no groups, known fields of their type) with 1 to
// 1,000,000 pieces, which are UTF-8 of 1 to 1,024 bytes without NUL, differ
// from one another and have finite scores and known types; at most 64
// user-defined ones open one another, since the library has room for as many;
// and its normalisation tables are sound. What is left to the library: which
// pieces there must be.
std::string RebuildSentencePieceModel(std::string_view where,
                                      std::string_view model);

}  // namespace tessera::engine

#endif  // TESSERA_ENGINE_TOKENIZER_SPM_MODEL_H_
