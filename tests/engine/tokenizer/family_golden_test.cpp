// The family's tokenizers against golden files of the published code.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "engine/tokenizer/tokenizer.h"
#include "tests/engine/tokenizer/scratch_folder.h"

namespace tessera::engine {
namespace {

using Ids = std::vector<std::int32_t>;
using nlohmann::json;

const std::filesystem::path kGolden =
    std::filesystem::path(TESSERA_SOURCE_DIR) / "tests/golden/tokenizer";

void ExpectTexts(const Tokenizer& tokenizer, const json& golden) {
  ASSERT_GE(golden["decode"].size(), 60u);
  for (const auto& entry : golden["decode"]) {
    EXPECT_EQ(tokenizer.Decode(entry["ids"].get<Ids>()),
              entry["text"].get<std::string>())
        << entry["ids"];
  }
}

TEST(PiecesGoldenTest, GivesTheIdsAndTextsOfKyubyong) {
  const json golden = json::parse(ReadBytes(kGolden / "pieces.json"));
  const auto tokenizer = LoadTokenizer(models::ModelFolder(kGolden / "pieces"));
  ASSERT_GE(golden["encode"].size(), 200u);
  for (const auto& entry : golden["encode"]) {
    const auto text = entry["text"].get<std::string>();
    EXPECT_EQ(tokenizer->Encode(text).ids, entry["ids"].get<Ids>())
        << entry["text"].dump(-1, ' ', true);
  }
  ExpectTexts(*tokenizer, golden);
}

// Golden ids are in the order of lower_case (false, true), then latin_only.
class WordsGoldenTest : public testing::TestWithParam<std::size_t> {
 protected:
  WordsGoldenTest() {
    json ids = json::object();
    for (const auto& word : golden_["vocabulary"]) {
      const std::size_t id = ids.size();
      ids[word.get<std::string>()] = id;
    }
    folder_.Write("source_vocab.json", ids.dump());
    folder_.Write("target_vocab.json", ids.dump());
    const json config = {{"tokenizer_class", "TesseraWords"},
                         {"lower_case", GetParam() / 2 == 1},
                         {"latin_only", GetParam() % 2 == 1},
                         {"pad_token", "<pad>"},
                         {"unk_token", "<unk>"},
                         {"bos_token", "<s>"},
                         {"eos_token", "</s>"}};
    folder_.Write("tokenizer_config.json", config.dump());
  }

  const json golden_ = json::parse(ReadBytes(kGolden / "words.json"));
  ScratchFolder folder_;
};

TEST_P(WordsGoldenTest, GivesTheIdsAndTextsOfPython) {
  const auto tokenizer = LoadTokenizer(models::ModelFolder(folder_.path()));
  ASSERT_GE(golden_["encode"].size(), 200u);
  for (const auto& entry : golden_["encode"]) {
    const auto text = entry["text"].get<std::string>();
    EXPECT_EQ(tokenizer->Encode(text).ids, entry["ids"][GetParam()].get<Ids>())
        << entry["text"].dump(-1, ' ', true);
  }
  ExpectTexts(*tokenizer, golden_);
}

INSTANTIATE_TEST_SUITE_P(Switches, WordsGoldenTest,
                         testing::Range<std::size_t>(0, 4));

}  // namespace
}  // namespace tessera::engine
