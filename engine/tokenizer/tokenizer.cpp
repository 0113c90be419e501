// Chooses the tokenizer of a folder.
#include "engine/tokenizer/tokenizer.h"

#include "engine/tokenizer/marian_tokenizer.h"

namespace tessera {

std::unique_ptr<Tokenizer> LoadTokenizer(const std::filesystem::path& folder) {
  return MarianTokenizer::Read(folder);
}

}  // namespace tessera
