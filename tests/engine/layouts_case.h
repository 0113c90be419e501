// A folder of tests/golden/layouts, as a version of Transformers saved it.
#ifndef TESSERA_TESTS_ENGINE_LAYOUTS_CASE_H_
#define TESSERA_TESTS_ENGINE_LAYOUTS_CASE_H_

#include <gtest/gtest.h>
#include <tessera/options.h>

#include <filesystem>
#include <string>
#include <string_view>

#include "tests/engine/tokenizer/golden_hash.h"
#include "tests/engine/tokenizer/scratch_folder.h"
#include "tests/models/golden.h"

namespace tessera::engine {

class LayoutsTest : public testing::TestWithParam<std::string> {
 protected:
  LayoutsTest()
      : golden_(models::ReadGoldenJson(Folder() / (GetParam() + ".json"))) {
    for (const auto& file :
         std::filesystem::directory_iterator(Folder() / GetParam())) {
      folder_.Write(file.path().filename().string(),
                    WithCharsmap(ReadBytes(file.path())));
    }
    if (golden_["languages"].is_null()) return;
    options_.source_language = golden_["languages"][0].get<std::string>();
    options_.target_language = golden_["languages"][1].get<std::string>();
  }

  static std::filesystem::path Folder() {
    return models::GoldenFolder() / "layouts";
  }

  // The files name a table that they share.
  static std::string WithCharsmap(std::string text) {
    const auto parts = models::GoldenFolder() / "tokenizer";
    constexpr std::string_view kMark = "@CHARSMAP@";
    const std::size_t mark = text.find(kMark);
    if (mark == std::string::npos) return text;
    const nlohmann::json place =
        models::ReadGoldenJson(parts / "json/t5.json")["charsmap"];
    const std::string model = ReadBytes(parts / "families/pieces.model");
    return text.replace(mark, kMark.size(),
                        Base64(model.substr(place[0].get<std::size_t>(),
                                            place[1].get<std::size_t>())));
  }

  const nlohmann::json golden_;
  ScratchFolder folder_;
  TranslateOptions options_;
};

// Their names; those of Transformers 5 end in _5.
inline auto Layouts() {
  return testing::Values("t5", "t5_5", "byt5", "byt5_5", "pegasus", "pegasus_5",
                         "mbart", "mbart_5", "mbart50", "mbart50_5", "nllb",
                         "nllb_5", "m2m100", "m2m100_5", "bart", "bart_5",
                         "blenderbot", "blenderbot_5", "blenderbot_small",
                         "blenderbot_small_5");
}

}  // namespace tessera::engine

#endif  // TESSERA_TESTS_ENGINE_LAYOUTS_CASE_H_
