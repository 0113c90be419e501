// A whole tiny folder, loaded and made to translate, and the options of a text
// for one.
#include <tessera/translator.h>

#include <chrono>
#include <nlohmann/json.hpp>
#include <vector>

#include "tests/fuzz/memory_folder.h"
#include "tests/fuzz/targets.h"
#include "tests/fuzz/tiny_folder.h"
#include "tools/tessera/json_options.h"

namespace tessera::fuzz {
namespace {

using Json = nlohmann::ordered_json;

// A translation has outputs or says why it has none.
void ExpectWhole(const Translation& translation) {
  Expect(translation.ok() != translation.hypotheses.empty(),
         "outputs or an error");
  MayRefuse([&] {
    if (!translation.ok()) throw Error(translation.error);
  });
  for (const Hypothesis& hypothesis : translation.hypotheses) {
    ExpectUtf8(hypothesis.text, "an output");
  }
}

Translator LoadGood() {
  const MemoryFolder folder;
  WriteTinyFolder(
      ReadBytes(TESSERA_SOURCE_DIR "/tests/fuzz/corpus/folder/good"), folder);
  return Translator(folder.path(), {.threads = 1});
}

}  // namespace

void FolderTarget(std::string_view bytes) {
  static const MemoryFolder folder;
  WriteTinyFolder(bytes, folder);
  MayRefuse([&] {
    const Translator translator(
        folder.path(), {.threads = 1, .memory_bytes = std::size_t{64} << 20});
    for (const char* text : {"a b c", "", "d a zzz b"}) {
      ExpectWhole(translator.Translate(text, {.max_length = 8}));
    }
  });
}

void OptionsTarget(std::string_view bytes) {
  static const Translator translator = LoadGood();
  // Nested no deeper than the readers of lines and requests let through.
  const auto not_too_deep = [](int depth, Json::parse_event_t, Json&) {
    if (depth > 100) throw Error("nested");
    return true;
  };
  MayRefuse([&] {
    const Json object = Json::parse(bytes, not_too_deep, false);
    if (object.is_discarded()) return;
    TranslateOptions options;
    tools::SetOptions(object, options);
    translator.Check(options);
    if (!options.time_limit) options.time_limit = std::chrono::seconds(1);
    ExpectWhole(translator.Translate("a b c. d a.", options));
  });
}

}  // namespace tessera::fuzz
