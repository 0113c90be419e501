// Chooses the tokenizer of a folder.
#include "engine/tokenizer/tokenizer.h"

#include "engine/tokenizer/marian_tokenizer.h"
#include "engine/tokenizer/pieces_tokenizer.h"
#include "engine/tokenizer/words_tokenizer.h"
#include "models/files/file.h"
#include "models/files/json.h"

namespace tessera::engine {
namespace {

std::string TokenizerClass(const std::filesystem::path& folder) {
  constexpr std::string_view kFile = "tokenizer_config.json";
  if (!models::HasEntry(folder, kFile)) return "";
  return models::JsonObject::Read(folder / kFile)
      .StringOr("tokenizer_class", "");
}

}  // namespace

std::unique_ptr<Tokenizer> LoadTokenizer(const std::filesystem::path& folder) {
  const std::string name = TokenizerClass(folder);
  if (name == "TesseraPieces") return PiecesTokenizer::Read(folder);
  if (name == "TesseraWords") return WordsTokenizer::Read(folder);
  return MarianTokenizer::Read(folder);
}

}  // namespace tessera::engine
