// Text to text with tiny models of every tokenizer's family, as Transformers
// translates them.
#include <gtest/gtest.h>
#include <tessera/attention_report.h>
#include <tessera/translator.h>

#include <string>
#include <vector>

#include "tests/engine/families_case.h"

namespace tessera::engine {
namespace {

using nlohmann::json;

void ExpectSameBits(const Translation& found, const Translation& expected) {
  EXPECT_EQ(found.error, "");
  ASSERT_EQ(found.hypotheses.size(), expected.hypotheses.size());
  for (std::size_t i = 0; i < found.hypotheses.size(); ++i) {
    EXPECT_EQ(found.hypotheses[i].ids, expected.hypotheses[i].ids);
    EXPECT_EQ(found.hypotheses[i].log_probs, expected.hypotheses[i].log_probs);
    EXPECT_EQ(found.hypotheses[i].score, expected.hypotheses[i].score);
  }
}

// The weights of each query, over the keys that it sees.
void ExpectRowsOfOne(const AttentionTable& table) {
  EXPECT_GE(table.layers.size(), 1u);
  for (std::size_t layer = 0; layer < table.layers.size(); ++layer) {
    for (std::size_t head = 0; head < table.heads; ++head) {
      for (std::size_t query = 0; query < table.queries.size(); ++query) {
        double sum = 0;
        for (std::size_t key = 0; key < table.keys.size(); ++key) {
          if (!table.Sees(query, key)) continue;
          sum += table.Weight(layer, head, query, key);
        }
        EXPECT_NEAR(sum, 1, 1e-5);
      }
    }
  }
}

using FamiliesWholeTest = FamiliesCase;

TEST_P(FamiliesWholeTest, TextsBecomeThoseOfTransformers) {
  const Translator translator(folder_.path(),
                              {.threads = 1, .precision = Precision::kF32});
  std::vector<std::string> texts;
  for (const json& entry : golden_["texts"]) {
    texts.push_back(entry["text"].get<std::string>());
  }
  ASSERT_GE(texts.size(), 25u);
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

// Whatever their batch mates and threads, at each precision.
TEST_P(FamiliesWholeTest, TextsHaveTheSameBitsAloneAndAmongOthers) {
  std::vector<std::string> texts;
  for (const json& entry : golden_["texts"]) {
    texts.push_back(entry["text"].get<std::string>());
  }
  for (const auto precision :
       {Precision::kF32, Precision::kBf16, Precision::kInt8}) {
    SCOPED_TRACE(static_cast<int>(precision));
    const Translator one(folder_.path(),
                         {.threads = 1, .precision = precision});
    const Translator many(
        folder_.path(),
        {.threads = 3, .precision = precision, .batch_size = 5});
    for (const std::size_t beams : {1u, 3u}) {
      options_.beam_size = beams;
      const auto together = many.TranslateAll(texts, options_);
      for (std::size_t i = 0; i < texts.size(); ++i) {
        SCOPED_TRACE(texts[i]);
        ExpectSameBits(together[i], one.Translate(texts[i], options_));
      }
    }
  }
}

TEST_P(FamiliesWholeTest, AttentionCanBeLookedAt) {
  const Translator translator(folder_.path(),
                              {.threads = 1, .precision = Precision::kF32});
  const std::string text = golden_["texts"][0]["text"].get<std::string>();
  const AttentionReport report = Explain(translator, text, options_);
  EXPECT_EQ(report.encoder.keys.size(), translator.CountTokens(text));
  for (const AttentionTable* table :
       {&report.encoder, &report.decoder, &report.cross}) {
    ExpectRowsOfOne(*table);
  }
  EXPECT_EQ(report.decoder.keys.size(), report.output.ids.size());
  EXPECT_EQ(report.decoder.keys.front() == options_.target_language,
            GetParam() == "mbart");
}

TEST_P(FamiliesWholeTest, LanguagesAreTheCallersUnlessTheFolderSays) {
  const Translator translator(folder_.path(),
                              {.threads = 1, .precision = Precision::kF32});
  const bool has_languages = !golden_["languages"].is_null();
  EXPECT_EQ(translator.info().languages.empty(), !has_languages);
  const Translation without = translator.Translate("a");
  EXPECT_EQ(without.error_kind,
            has_languages ? ErrorKind::kBadLanguage : ErrorKind::kNone);
  const Translation unknown =
      translator.Translate("a", {.target_language = "xx_YY"});
  EXPECT_EQ(unknown.error_kind, ErrorKind::kBadLanguage);
}

INSTANTIATE_TEST_SUITE_P(Families, FamiliesWholeTest, Families(),
                         [](const auto& test) { return test.param; });

}  // namespace
}  // namespace tessera::engine
