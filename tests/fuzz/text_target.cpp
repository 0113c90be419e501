// Texts to ids and back, by every scheme that there is a tokenizer for.
#include <memory>
#include <nlohmann/json.hpp>
#include <vector>

#include "engine/tokenizer/tokenizer.h"
#include "models/files/model_folder.h"
#include "tests/fuzz/memory_folder.h"
#include "tests/fuzz/readers.h"
#include "tests/fuzz/targets.h"

namespace tessera::fuzz {
namespace {

using nlohmann::json;

const std::filesystem::path kSource = TESSERA_SOURCE_DIR;
const std::filesystem::path kGolden = kSource / "tests/golden/tokenizer";

struct Scheme {
  std::unique_ptr<engine::Tokenizer> tokenizer;
  engine::Languages languages = {};
};

// A tokenizer as tests/golden/tokenizer describes it: the files of its folder,
// written out or named, its configuration and languages.
Scheme FromGolden(const std::filesystem::path& path) {
  const json golden = json::parse(ReadBytes(path));
  const MemoryFolder folder;
  for (const auto& [name, file] : golden["files"].items()) {
    folder.Write(name, file.is_string() ? ReadBytes(kGolden / "families" /
                                                    file.get<std::string>())
                                        : file.dump());
  }
  folder.Write("tokenizer_config.json", golden["config"].dump());
  Scheme scheme = {
      .tokenizer = engine::LoadTokenizer(models::ModelFolder(folder.path()))};
  if (!golden["languages"].is_null()) {
    scheme.languages = {.source = golden["languages"][0].get<std::string>(),
                        .target = golden["languages"][1].get<std::string>()};
  }
  return scheme;
}

const std::vector<Scheme>& Schemes() {
  static const std::vector<Scheme> schemes = [] {
    std::vector<Scheme> all;
    for (const char* name : {"t5", "byt5", "pegasus", "mbart", "mbart50",
                             "nllb", "m2m100", "bart", "blenderbot"}) {
      all.push_back(
          FromGolden(kGolden / "families" / (std::string(name) + ".json")));
    }
    for (const char* name :
         {"blenderbot_small", "pairs_of_words", "pairs_with_bytes",
          "bytes_by_pattern", "added", "bart", "mbart", "nllb"}) {
      all.push_back(
          FromGolden(kGolden / "json" / (std::string(name) + ".json")));
    }
    for (const char* name :
         {"tests/golden/tokenizer/separate", "tests/golden/tokenizer/pieces",
          "models/bundled/tatoeba-en-fr", "models/bundled/digits-vanilla"}) {
      all.push_back({.tokenizer = engine::LoadTokenizer(
                         models::ModelFolder(kSource / name))});
    }
    return all;
  }();
  return schemes;
}

}  // namespace

void TextTarget(std::string_view bytes) {
  if (bytes.empty()) return;
  const std::size_t number = static_cast<unsigned char>(bytes.front());
  const Scheme& scheme = Schemes()[number % Schemes().size()];
  UseTokenizer(*scheme.tokenizer, scheme.languages, bytes.substr(1));
}

}  // namespace tessera::fuzz
