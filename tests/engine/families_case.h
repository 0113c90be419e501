// A tiny model of a family with its tokenizer, and what Transformers makes of
// texts with it.
#ifndef TESSERA_TESTS_ENGINE_FAMILIES_CASE_H_
#define TESSERA_TESTS_ENGINE_FAMILIES_CASE_H_

#include <gtest/gtest.h>
#include <tessera/options.h>

#include <filesystem>
#include <string>

#include "tests/engine/tokenizer/scratch_folder.h"
#include "tests/models/golden.h"

namespace tessera::engine {

class FamiliesCase : public testing::TestWithParam<std::string> {
 protected:
  FamiliesCase()
      : golden_(models::ReadGoldenJson(Whole() / (GetParam() + ".json"))) {
    const auto parts = models::GoldenFolder() / "tokenizer/families";
    const bool small = GetParam() == "blenderbot_small";
    const nlohmann::json tokenizer = models::ReadGoldenJson(
        parts / (small ? "../json" : ".") / (GetParam() + ".json"));
    for (const auto& [name, file] : tokenizer["files"].items()) {
      folder_.Write(name, ReadBytes(parts / file.get<std::string>()));
    }
    nlohmann::json config = tokenizer["config"];
    config.erase("tgt_lang");
    folder_.Write("tokenizer_config.json", config.dump());
    for (const auto& file :
         std::filesystem::directory_iterator(Whole() / GetParam())) {
      folder_.Write(file.path().filename().string(), ReadBytes(file.path()));
    }
    if (golden_["languages"].is_null()) return;
    options_.source_language = golden_["languages"][0].get<std::string>();
    options_.target_language = golden_["languages"][1].get<std::string>();
  }

  static std::filesystem::path Whole() {
    return models::GoldenFolder() / "whole";
  }

  const nlohmann::json golden_;
  ScratchFolder folder_;
  TranslateOptions options_;
};

inline auto Families() {
  return testing::Values("t5", "byt5", "pegasus", "mbart", "mbart50", "nllb",
                         "m2m100", "bart", "blenderbot", "blenderbot_small");
}

}  // namespace tessera::engine

#endif  // TESSERA_TESTS_ENGINE_FAMILIES_CASE_H_
