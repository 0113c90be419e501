// Folders as two versions of Transformers save them: shards or one file,
// safetensors or .bin, tokenizer.json alone, no generation_config.json.
#include <gtest/gtest.h>
#include <tessera/translator.h>

#include <filesystem>
#include <string>
#include <vector>

#include "engine/tokenizer/tokenizer.h"
#include "tests/engine/tokenizer/golden_hash.h"
#include "tests/engine/tokenizer/scratch_folder.h"
#include "tests/models/golden.h"

namespace tessera::engine {
namespace {

using nlohmann::json;

class LayoutsTest : public testing::TestWithParam<std::string> {
 protected:
  LayoutsTest()
      : golden_(models::ReadGoldenJson(Layouts() / (GetParam() + ".json"))) {
    for (const auto& file :
         std::filesystem::directory_iterator(Layouts() / GetParam())) {
      folder_.Write(file.path().filename().string(),
                    WithCharsmap(ReadBytes(file.path())));
    }
    if (golden_["languages"].is_null()) return;
    options_.source_language = golden_["languages"][0].get<std::string>();
    options_.target_language = golden_["languages"][1].get<std::string>();
  }

  static std::filesystem::path Layouts() {
    return models::GoldenFolder() / "layouts";
  }

  // The files name a table that they share.
  static std::string WithCharsmap(std::string text) {
    const auto parts = models::GoldenFolder() / "tokenizer";
    constexpr std::string_view kMark = "@CHARSMAP@";
    const std::size_t mark = text.find(kMark);
    if (mark == std::string::npos) return text;
    const json place =
        models::ReadGoldenJson(parts / "json/t5.json")["charsmap"];
    const std::string model = ReadBytes(parts / "families/pieces.model");
    return text.replace(mark, kMark.size(),
                        Base64(model.substr(place[0].get<std::size_t>(),
                                            place[1].get<std::size_t>())));
  }

  const json golden_;
  ScratchFolder folder_;
  TranslateOptions options_;
};

TEST_P(LayoutsTest, TextsBecomeTheIdsOfTransformers) {
  const auto tokenizer = LoadTokenizer(models::ModelFolder(folder_.path()));
  const Languages languages = {.source = options_.source_language,
                               .target = options_.target_language};
  ASSERT_GE(golden_["texts"].size(), 10u);
  for (const json& entry : golden_["texts"]) {
    const std::string text = entry["text"].get<std::string>();
    EXPECT_EQ(tokenizer->EncodeFor(languages, text).ids,
              entry["ids"].get<std::vector<std::int32_t>>())
        << text;
  }
}

TEST_P(LayoutsTest, TextsBecomeThoseOfTransformers) {
  const Translator translator(folder_.path(),
                              {.threads = 1, .precision = Precision::kF32});
  std::vector<std::string> texts;
  for (const json& entry : golden_["texts"]) {
    texts.push_back(entry["text"].get<std::string>());
  }
  options_.beam_size = 3;
  const auto beams = translator.TranslateAll(texts, options_);
  options_.beam_size = 1;
  const auto greedy = translator.TranslateAll(texts, options_);
  for (std::size_t i = 0; i < texts.size(); ++i) {
    SCOPED_TRACE(texts[i]);
    const json& entry = golden_["texts"][i];
    ASSERT_EQ(beams[i].error, "");
    EXPECT_EQ(greedy[i].text(), entry["greedy"].get<std::string>());
    EXPECT_EQ(beams[i].text(), entry["beam"].get<std::string>());
    EXPECT_NEAR(beams[i].hypotheses.front().score, entry["score"].get<double>(),
                1e-4);
  }
}

INSTANTIATE_TEST_SUITE_P(Folders, LayoutsTest,
                         testing::Values("t5", "t5_5", "byt5", "byt5_5",
                                         "pegasus", "pegasus_5", "mbart",
                                         "mbart_5", "mbart50", "mbart50_5",
                                         "nllb", "nllb_5", "m2m100", "m2m100_5",
                                         "bart", "bart_5", "blenderbot",
                                         "blenderbot_5", "blenderbot_small",
                                         "blenderbot_small_5"),
                         [](const auto& test) { return test.param; });

}  // namespace
}  // namespace tessera::engine
