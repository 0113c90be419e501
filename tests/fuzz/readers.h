// What several targets do with what they have loaded.
#ifndef TESSERA_TESTS_FUZZ_READERS_H_
#define TESSERA_TESTS_FUZZ_READERS_H_

#include <string_view>

#include "engine/tokenizer/tokenizer.h"
#include "models/files/model_folder.h"

namespace tessera::fuzz {

// Short, with what tokenizers treat apart: spaces, marks, other scripts,
// control tokens spelled out, what no vocabulary has.
inline constexpr std::string_view kTexts[] = {
    "", " a", "Tom's  house, 12.5 \u20AC!\n", "\u2581a</s><pad> <unk>",
    "\u00C5ngstro\u0308m \uFB01 \u5C71\u7530 \U0001F600\u200D"};

// A text to ids, which are of the vocabularies, and back.
void UseTokenizer(const engine::Tokenizer& tokenizer,
                  const engine::Languages& languages, std::string_view text);

// Opens the weights of a folder as loading opens them, and reads all values.
void ReadWeights(const models::ModelFolder& folder);

}  // namespace tessera::fuzz

#endif  // TESSERA_TESTS_FUZZ_READERS_H_
