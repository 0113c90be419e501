// Tokenizers of folders that have tokenizer.json alone, and Blenderbot-small's,
// against Hugging Face's.
#include <gtest/gtest.h>

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "engine/tokenizer/text.h"
#include "engine/tokenizer/tokenizer.h"
#include "tests/engine/tokenizer/golden_hash.h"
#include "tests/engine/tokenizer/scratch_folder.h"

namespace tessera::engine {
namespace {

using Ids = std::vector<std::int32_t>;
using nlohmann::json;

const std::filesystem::path kTexts = std::filesystem::path(TESSERA_SOURCE_DIR) /
                                     "tests/golden/tokenizer/families";
const std::filesystem::path kGolden = kTexts / "../json";

// A file of the folder: a document, or the name of one.
std::string FileOf(const json& file, const json& charsmap) {
  if (file.is_string()) return ReadBytes(kTexts / file.get<std::string>());
  std::string text = file.dump();
  constexpr std::string_view kMark = "@CHARSMAP@";
  const std::size_t mark = text.find(kMark);
  if (mark == std::string::npos) return text;
  const std::string table = ReadBytes(kTexts / "pieces.model")
                                .substr(charsmap[0].get<std::size_t>(),
                                        charsmap[1].get<std::size_t>());
  return text.replace(mark, kMark.size(), Base64(table));
}

class JsonGoldenTest : public testing::TestWithParam<std::string> {
 protected:
  JsonGoldenTest()
      : golden_(json::parse(ReadBytes(kGolden / (GetParam() + ".json")))) {
    for (const auto& [name, file] : golden_["files"].items()) {
      folder_.Write(name, FileOf(file, golden_["charsmap"]));
    }
    folder_.Write("tokenizer_config.json", golden_["config"].dump());
    tokenizer_ = LoadTokenizer(models::ModelFolder(folder_.path()));
    if (golden_["languages"].is_null()) return;
    languages_ = {.source = golden_["languages"][0].get<std::string>(),
                  .target = golden_["languages"][1].get<std::string>()};
  }

  EncodedText Encode(const std::string& text) const {
    return tokenizer_->EncodeFor(languages_, text);
  }

  const json golden_;
  ScratchFolder folder_;
  std::unique_ptr<Tokenizer> tokenizer_;
  Languages languages_;
};

TEST_P(JsonGoldenTest, GivesTheIdsAndTextsOfTransformers) {
  const json texts = json::parse(ReadBytes(kTexts / "texts.json"));
  const json& hashes = golden_["hashes"];
  ASSERT_GE(texts.size(), 2000u);
  ASSERT_EQ(hashes.size(), texts.size());
  for (const json& sample : golden_["samples"]) {
    const Ids ids = Encode(sample["text"].get<std::string>()).ids;
    EXPECT_EQ(ids, sample["ids"].get<Ids>())
        << sample["text"].dump(-1, ' ', true);
    EXPECT_EQ(tokenizer_->Decode(ids), sample["back"].get<std::string>());
  }
  std::size_t wrong = 0;
  std::size_t compared = 0;
  for (std::size_t i = 0; i < texts.size() && wrong < 5; ++i) {
    if (hashes[i] == "") continue;  // as its script says
    ++compared;
    const Ids ids = Encode(texts[i].get<std::string>()).ids;
    const bool same = GoldenHash(ids, tokenizer_->Decode(ids)).substr(8) ==
                      hashes[i].get<std::string>();
    EXPECT_TRUE(same) << i << ": " << texts[i].dump(-1, ' ', true) << " gives "
                      << json(ids).dump() << " and "
                      << json(tokenizer_->Decode(ids)).dump(-1, ' ', true);
    wrong += same ? 0 : 1;
  }
  EXPECT_GE(compared, 2000u);
}

TEST_P(JsonGoldenTest, GivesTheTextsOfAnyIds) {
  ASSERT_GE(golden_["decode"].size(), 70u);
  for (const json& entry : golden_["decode"]) {
    EXPECT_EQ(tokenizer_->Decode(entry["ids"].get<Ids>()),
              entry["text"].get<std::string>())
        << entry["ids"];
  }
}

TEST_P(JsonGoldenTest, SaysWhatOutputsBeginWith) {
  const EncodedText encoded = Encode("a");
  EXPECT_FALSE(encoded.empty);
  EXPECT_TRUE(Encode("").empty);
  EXPECT_EQ(tokenizer_->CountIds("a"), encoded.ids.size());
  EXPECT_EQ(tokenizer_->languages().empty(), golden_["languages"].is_null());
  if (golden_["languages"].is_null()) {
    EXPECT_TRUE(encoded.prompt.empty());
    EXPECT_EQ(encoded.forced_first, std::nullopt);
    EXPECT_THROW(tokenizer_->EncodeFor({.target = "fr"}, "a"), TextError);
    return;
  }
  const auto language = golden_["languages"][2].get<std::int32_t>();
  if (GetParam() == "mbart" || GetParam() == "mbart_5") {
    EXPECT_EQ(encoded.prompt, Ids{language});
  } else {
    EXPECT_EQ(encoded.forced_first, language);
    EXPECT_TRUE(encoded.prompt.empty());
  }
}

TEST_P(JsonGoldenTest, EveryIdHasAPieceAndThereAreNoMore) {
  const std::size_t size = golden_["vocabulary"].get<std::size_t>();
  EXPECT_GE(size, tokenizer_->source_size());
  EXPECT_LE(size, tokenizer_->source_size() + 1);  // a mask that stands last
  for (std::size_t id = 0; id < size; ++id) {
    EXPECT_NE(tokenizer_->Piece(static_cast<std::int32_t>(id)), "") << id;
  }
  EXPECT_TRUE(tokenizer_->target_end().has_value());
}

INSTANTIATE_TEST_SUITE_P(
    Folders, JsonGoldenTest,
    testing::Values("t5", "t5_5", "t5_not_legacy", "t5_not_legacy_5", "pegasus",
                    "pegasus_5", "mbart", "mbart_5", "mbart50", "mbart50_5",
                    "nllb", "nllb_5", "nllb_last", "nllb_last_5", "bart",
                    "bart_5", "blenderbot", "blenderbot_5",
                    "unigram_with_bytes", "pairs_of_words", "pairs_with_bytes",
                    "bytes_by_pattern", "added", "blenderbot_small"),
    [](const auto& test) { return test.param; });

}  // namespace
}  // namespace tessera::engine
