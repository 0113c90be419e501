// Punctuation beside sacremoses.
#include "engine/request/punctuation.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tests/engine/fake_translator.h"
#include "tests/models/golden.h"

namespace tessera::engine {
namespace {

TEST(PunctuationTest, IsThatOfMoses) {
  const auto golden = models::ReadGoldenJson(models::GoldenFolder() /
                                             "tokenizer/punctuation.json");
  const auto texts = golden.at("texts").get<std::vector<std::string>>();
  for (const char* language : {"en", "fr", "de", "es", "cs", "ru"}) {
    const auto expected = golden.at(language).get<std::vector<std::string>>();
    for (std::size_t i = 0; i < texts.size(); ++i) {
      EXPECT_EQ(NormalizePunctuation(texts[i], language), expected[i])
          << language << ": " << texts[i];
    }
  }
}

TEST(PunctuationTest, ChangesWhatTheModelReadsOnDemand) {
  const Translator translator(models::BundledFolder(), {.threads = 1});
  const std::string odd = "“It’s late”, he said –  „Go!“";
  const std::string plain = NormalizePunctuation(odd, "en");
  EXPECT_EQ(
      translator.Translate(odd, {.split = TextSplit::kNone, .normalize = true})
          .hypotheses.front()
          .log_probs,
      translator.Translate(plain, {.split = TextSplit::kNone})
          .hypotheses.front()
          .log_probs);
  EXPECT_EQ(translator.Translate("caf\xC3", {.normalize = true}).error_kind,
            ErrorKind::kBadText);
}

}  // namespace
}  // namespace tessera::engine
