// A whole tiny folder, loaded and made to translate, packed, with packed
// weights that come from outside; and the options of a text for one.
#include <tessera/translator.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <vector>

#include "engine/pack_folder.h"
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

void WriteGood(const MemoryFolder& folder) {
  WriteTinyFolder(
      ReadBytes(TESSERA_SOURCE_DIR "/tests/fuzz/corpus/folder/good"), folder);
}

Translator LoadGood() {
  const MemoryFolder folder;
  WriteGood(folder);
  return Translator(folder.path(), {.threads = 1});
}

// nullopt: the folder is refused.
std::optional<std::vector<Translation>> LoadAndTranslate(
    const std::filesystem::path& folder) {
  std::optional<std::vector<Translation>> translations;
  MayRefuse([&] {
    const Translator translator(
        folder, {.threads = 1, .memory_bytes = std::size_t{64} << 20});
    translations.emplace();
    for (const char* text : {"a b c", "", "d a zzz b"}) {
      translations->push_back(translator.Translate(text, {.max_length = 8}));
      ExpectWhole(translations->back());
    }
  });
  return translations;
}

bool Same(const Translation& a, const Translation& b) {
  return std::ranges::equal(
      a.hypotheses, b.hypotheses, [](const auto& x, const auto& y) {
        return x.ids == y.ids && x.log_probs == y.log_probs;
      });
}

}  // namespace

void FolderTarget(std::string_view bytes) {
  static const MemoryFolder folder, place;
  WriteTinyFolder(bytes, folder);
  const auto before = LoadAndTranslate(folder.path());
  if (!before) return;
  const std::filesystem::path packed = place.path() / "packed";
  std::filesystem::remove_all(packed);
  engine::PackFolder(folder.path(), packed, Precision::kAuto);
  const auto after = LoadAndTranslate(packed);
  Expect(after && std::ranges::equal(*before, *after, Same),
         "a folder that is packed translates alike");
}

// Files for another level than that of the process are refused before their
// tensors are looked at.
void PackedTarget(std::string_view bytes) {
  static const MemoryFolder folder;
  static const bool written = (WriteGood(folder), true);
  Expect(written, "a folder");
  folder.Write("model.tessera", bytes);
  LoadAndTranslate(folder.path());
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
