// The tokenizers of the relatives of BART and T5 against Hugging Face's.
#include <gtest/gtest.h>

#include <cstddef>
#include <string>

#include "tests/engine/tokenizer/golden_case.h"
#include "tests/engine/tokenizer/golden_hash.h"

namespace tessera::engine {
namespace {

class FamiliesGoldenTest : public GoldenCase {
 protected:
  FamiliesGoldenTest()
      : GoldenCase(
            FamiliesFolder() / (GetParam() + ".json"),
            [](const json& name, const json&) {
              return ReadBytes(FamiliesFolder() / name.get<std::string>());
            }) {}
};

TEST_P(FamiliesGoldenTest, GivesTheIdsAndTextsOfTransformers) {
  const json texts = json::parse(ReadBytes(FamiliesFolder() / "texts.json"));
  const json& hashes = golden_["hashes"];
  ASSERT_GE(texts.size(), 2000u);
  ASSERT_EQ(hashes.size(), texts.size());
  ExpectSamples();
  std::size_t wrong = 0;
  for (std::size_t i = 0; i < texts.size() && wrong < 5; ++i) {
    const Ids ids = Encode(texts[i].get<std::string>()).ids;
    const bool same = GoldenHash(ids, tokenizer_->Decode(ids)) ==
                      hashes[i].get<std::string>();
    EXPECT_TRUE(same) << i << ": " << texts[i].dump(-1, ' ', true) << " gives "
                      << json(ids).dump();
    wrong += same ? 0 : 1;
  }
}

TEST_P(FamiliesGoldenTest, GivesTheTextsOfAnyIds) { ExpectTextsOfIds(); }

TEST_P(FamiliesGoldenTest, SaysWhatOutputsBeginWith) {
  const EncodedText encoded = Encode("a");
  EXPECT_FALSE(encoded.empty);
  EXPECT_EQ(tokenizer_->CountIds("a"), encoded.ids.size());
  ExpectOutputsBegin(encoded, GetParam() == "mbart");
}

TEST_P(FamiliesGoldenTest, EveryIdHasAPieceAndThereAreNoMore) {
  ExpectEveryIdHasAPiece();
  EXPECT_EQ(tokenizer_->Piece(-1), "<unk>");
  EXPECT_EQ(tokenizer_->Piece(1 << 30), "<unk>");
  EXPECT_TRUE(Encode("").empty);
}

INSTANTIATE_TEST_SUITE_P(Classes, FamiliesGoldenTest,
                         testing::Values("t5", "t5_few_sentinels", "byt5",
                                         "pegasus", "mbart", "mbart50", "nllb",
                                         "nllb_legacy", "m2m100", "bart",
                                         "blenderbot"),
                         [](const auto& test) { return test.param; });

}  // namespace
}  // namespace tessera::engine
