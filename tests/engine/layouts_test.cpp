// Folders as two versions of Transformers save them: shards or one file,
// safetensors or .bin, tokenizer.json alone, no generation_config.json.
#include <gtest/gtest.h>
#include <tessera/translator.h>

#include <string>
#include <vector>

#include "engine/tokenizer/tokenizer.h"
#include "tests/engine/layouts_case.h"

namespace tessera::engine {
namespace {

using nlohmann::json;

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

INSTANTIATE_TEST_SUITE_P(Folders, LayoutsTest, Layouts(),
                         [](const auto& test) { return test.param; });

}  // namespace
}  // namespace tessera::engine
