// The trained T5 and BART of models/bundled against Transformers.
#include <gtest/gtest.h>
#include <tessera/translator.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "tests/models/golden.h"

namespace tessera::engine {
namespace {

using nlohmann::json;

constexpr double kMaxScoreError = 1e-4;

class GoldenDemonstrationsTest : public testing::TestWithParam<std::string> {
 protected:
  GoldenDemonstrationsTest()
      : golden_(
            models::ReadGoldenJson(models::GoldenFolder() / "demonstrations" /
                                   (GetParam() + ".json"))) {
    for (const json& entry : golden_["texts"]) {
      texts_.push_back(entry["text"].get<std::string>());
    }
  }

  Translator Load(Precision precision) const {
    return Translator(std::filesystem::path(TESSERA_SOURCE_DIR) /
                          "models/bundled" / GetParam(),
                      {.threads = 1, .precision = precision});
  }

  const json golden_;
  std::vector<std::string> texts_;
};

TEST_P(GoldenDemonstrationsTest, WritesTheIdsOfTransformers) {
  const Translator translator = Load(Precision::kF32);
  ASSERT_GE(texts_.size(), 50u);
  for (const auto& [search, beams] : {std::pair("greedy", 1), {"beam", 4}}) {
    const auto outputs = translator.TranslateAll(
        texts_, {.beam_size = static_cast<std::size_t>(beams)});
    for (std::size_t i = 0; i < texts_.size(); ++i) {
      SCOPED_TRACE(texts_[i]);
      const json& wanted = golden_[search][i];
      ASSERT_EQ(outputs[i].error, "");
      const Hypothesis& best = outputs[i].hypotheses.front();
      EXPECT_EQ(best.ids, wanted["ids"].get<std::vector<std::int32_t>>());
      EXPECT_EQ(best.text, wanted["text"].get<std::string>());
      if (beams == 1) continue;
      EXPECT_NEAR(best.score, wanted["score"].get<double>(), kMaxScoreError);
    }
  }
}

TEST_P(GoldenDemonstrationsTest, ReadsTheIdsOfTransformers) {
  const Translator translator = Load(Precision::kF32);
  for (std::size_t i = 0; i < texts_.size(); ++i) {
    EXPECT_EQ(translator.CountTokens(texts_[i]),
              golden_["texts"][i]["source_ids"].size())
        << texts_[i];
  }
}

TEST_P(GoldenDemonstrationsTest, WritesTheSameTextsIn8Bits) {
  const auto exact = Load(Precision::kF32).TranslateAll(texts_);
  const auto rounded = Load(Precision::kInt8).TranslateAll(texts_);
  for (std::size_t i = 0; i < texts_.size(); ++i) {
    EXPECT_EQ(rounded[i].text(), exact[i].text()) << texts_[i];
  }
}

INSTANTIATE_TEST_SUITE_P(Models, GoldenDemonstrationsTest,
                         testing::Values("digits-t5", "numbers-bart"),
                         [](const auto& test) {
                           return test.param == "digits-t5" ? "t5" : "bart";
                         });

}  // namespace
}  // namespace tessera::engine
