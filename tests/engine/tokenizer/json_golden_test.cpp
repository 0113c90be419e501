// Tokenizers of folders that have tokenizer.json alone, and Blenderbot-small's,
// against Hugging Face's.
#include <gtest/gtest.h>

#include <cstddef>
#include <string>
#include <string_view>

#include "engine/tokenizer/text.h"
#include "tests/engine/tokenizer/golden_case.h"
#include "tests/engine/tokenizer/golden_hash.h"

namespace tessera::engine {
namespace {

// A file of the folder: a document, or the name of one.
std::string FileOf(const json& file, const json& charsmap) {
  if (file.is_string())
    return ReadBytes(FamiliesFolder() / file.get<std::string>());
  std::string text = file.dump();
  constexpr std::string_view kMark = "@CHARSMAP@";
  const std::size_t mark = text.find(kMark);
  if (mark == std::string::npos) return text;
  const std::string table = ReadBytes(FamiliesFolder() / "pieces.model")
                                .substr(charsmap[0].get<std::size_t>(),
                                        charsmap[1].get<std::size_t>());
  return text.replace(mark, kMark.size(), Base64(table));
}

class JsonGoldenTest : public GoldenCase {
 protected:
  JsonGoldenTest()
      : GoldenCase(FamiliesFolder() / "../json" / (GetParam() + ".json"),
                   [](const json& file, const json& golden) {
                     return FileOf(file, golden["charsmap"]);
                   }) {}
};

TEST_P(JsonGoldenTest, GivesTheIdsAndTextsOfTransformers) {
  const json texts = json::parse(ReadBytes(FamiliesFolder() / "texts.json"));
  const json& hashes = golden_["hashes"];
  ASSERT_GE(texts.size(), 2000u);
  ASSERT_EQ(hashes.size(), texts.size());
  ExpectSamples();
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

TEST_P(JsonGoldenTest, GivesTheTextsOfAnyIds) { ExpectTextsOfIds(); }

TEST_P(JsonGoldenTest, SaysWhatOutputsBeginWith) {
  const EncodedText encoded = Encode("a");
  EXPECT_FALSE(encoded.empty);
  EXPECT_TRUE(Encode("").empty);
  EXPECT_EQ(tokenizer_->CountIds("a"), encoded.ids.size());
  ExpectOutputsBegin(encoded, GetParam() == "mbart" || GetParam() == "mbart_5");
  if (golden_["languages"].is_null()) {
    EXPECT_THROW(tokenizer_->EncodeFor({.target = "fr"}, "a"), TextError);
  }
}

TEST_P(JsonGoldenTest, EveryIdHasAPieceAndThereAreNoMore) {
  ExpectEveryIdHasAPiece();
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
