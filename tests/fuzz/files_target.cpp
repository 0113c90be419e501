// A folder of any files: what it is taken for, its weights and its tokenizer.
#include <memory>
#include <string>
#include <vector>

#include "engine/tokenizer/tokenizer.h"
#include "models/files/model_folder.h"
#include "models/model.h"
#include "tests/fuzz/memory_folder.h"
#include "tests/fuzz/readers.h"
#include "tests/fuzz/targets.h"
#include "tests/fuzz/tiny_folder.h"

namespace tessera::fuzz {

void FilesTarget(std::string_view bytes) {
  static const MemoryFolder folder;
  WriteNamedFiles(bytes, folder);
  MayRefuse([&] { models::ModelFolder(folder.path() / "config.json"); });
  const models::ModelFolder opened(folder.path());
  MayRefuse([&] { models::CheckModelFolder(opened); });
  ReadWeights(opened);
  MayRefuse([&] {
    const auto tokenizer = engine::LoadTokenizer(opened);
    const std::vector<std::string> codes = tokenizer->languages();
    engine::Languages languages;
    if (!codes.empty()) languages = {codes.front(), codes.back()};
    for (const std::string_view text : kTexts) {
      UseTokenizer(*tokenizer, {}, text);
      UseTokenizer(*tokenizer, languages, text);
    }
    UseTokenizer(*tokenizer, {"en", "fr"}, "a");
  });
}

}  // namespace tessera::fuzz
