// The tokenizers, by the names of their classes.
#include "engine/tokenizer/tokenizer.h"

#include "engine/tokenizer/family_tokenizers.h"
#include "engine/tokenizer/marian_tokenizer.h"

namespace tessera::engine {
namespace {

struct Known {
  std::string_view tokenizer_class;
  std::unique_ptr<Tokenizer> (*read)(const models::ModelFolder&);
};

// A family of models adds its tokenizer here. The first is Hugging Face's for
// folders of Marian that name none.
constexpr Known kKnown[] = {
    {"MarianTokenizer", MarianTokenizer::Read},
    {"TesseraPieces", PiecesTokenizer::Read},
    {"TesseraWords", WordsTokenizer::Read},
};

}  // namespace

std::unique_ptr<Tokenizer> LoadTokenizer(const models::ModelFolder& folder) {
  constexpr std::string_view kFile = "tokenizer_config.json";
  constexpr std::string_view kKey = "tokenizer_class";
  if (!folder.Has(kFile) || !folder.Json(kFile).Contains(kKey)) {
    return kKnown[0].read(folder);
  }
  const models::JsonObject& config = folder.Json(kFile);
  const std::string name = config.String(kKey);
  std::string names;
  for (const Known& known : kKnown) {
    if (name == known.tokenizer_class) return known.read(folder);
    names += (names.empty() ? "" : ", ") + std::string(known.tokenizer_class);
  }
  config.Fail(kKey, "one of " + names);
}

}  // namespace tessera::engine
