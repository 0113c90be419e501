// The tokenizers of the relatives of BART and T5 against Hugging Face's.
#include <gtest/gtest.h>

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "engine/tokenizer/tokenizer.h"
#include "tests/engine/tokenizer/golden_hash.h"
#include "tests/engine/tokenizer/scratch_folder.h"

namespace tessera::engine {
namespace {

using Ids = std::vector<std::int32_t>;
using nlohmann::json;

const std::filesystem::path kGolden =
    std::filesystem::path(TESSERA_SOURCE_DIR) /
    "tests/golden/tokenizer/families";

class FamiliesGoldenTest : public testing::TestWithParam<std::string> {
 protected:
  FamiliesGoldenTest()
      : golden_(json::parse(ReadBytes(kGolden / (GetParam() + ".json")))) {
    for (const auto& [name, file] : golden_["files"].items()) {
      folder_.Write(name, ReadBytes(kGolden / file.get<std::string>()));
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

TEST_P(FamiliesGoldenTest, GivesTheIdsAndTextsOfTransformers) {
  const json texts = json::parse(ReadBytes(kGolden / "texts.json"));
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
  for (std::size_t i = 0; i < texts.size() && wrong < 5; ++i) {
    const Ids ids = Encode(texts[i].get<std::string>()).ids;
    const bool same = GoldenHash(ids, tokenizer_->Decode(ids)) ==
                      hashes[i].get<std::string>();
    EXPECT_TRUE(same) << i << ": " << texts[i].dump(-1, ' ', true) << " gives "
                      << json(ids).dump();
    wrong += same ? 0 : 1;
  }
}

TEST_P(FamiliesGoldenTest, GivesTheTextsOfAnyIds) {
  ASSERT_GE(golden_["decode"].size(), 70u);
  for (const json& entry : golden_["decode"]) {
    EXPECT_EQ(tokenizer_->Decode(entry["ids"].get<Ids>()),
              entry["text"].get<std::string>())
        << entry["ids"];
  }
}

TEST_P(FamiliesGoldenTest, SaysWhatOutputsBeginWith) {
  const EncodedText encoded = Encode("a");
  EXPECT_FALSE(encoded.empty);
  EXPECT_EQ(tokenizer_->CountIds("a"), encoded.ids.size());
  EXPECT_EQ(tokenizer_->languages().empty(), golden_["languages"].is_null());
  if (golden_["languages"].is_null()) {
    EXPECT_TRUE(encoded.prompt.empty());
    EXPECT_EQ(encoded.forced_first, std::nullopt);
    return;
  }
  const auto language = golden_["languages"][2].get<std::int32_t>();
  if (GetParam() == "mbart") {
    EXPECT_EQ(encoded.prompt, Ids{language});
  } else {
    EXPECT_EQ(encoded.forced_first, language);
    EXPECT_TRUE(encoded.prompt.empty());
  }
}

TEST_P(FamiliesGoldenTest, EveryIdHasAPieceAndThereAreNoMore) {
  const std::size_t size = golden_["vocabulary"].get<std::size_t>();
  // The mask of NLLB is among the ids that its folder lists.
  EXPECT_GE(size, tokenizer_->source_size());
  EXPECT_LE(size, tokenizer_->source_size() + 1);
  for (std::size_t id = 0; id < size; ++id) {
    EXPECT_NE(tokenizer_->Piece(static_cast<std::int32_t>(id)), "") << id;
  }
  EXPECT_EQ(tokenizer_->Piece(-1), "<unk>");
  EXPECT_EQ(tokenizer_->Piece(1 << 30), "<unk>");
  EXPECT_TRUE(Encode("").empty);
  EXPECT_TRUE(tokenizer_->target_end().has_value());
}

INSTANTIATE_TEST_SUITE_P(Classes, FamiliesGoldenTest,
                         testing::Values("t5", "t5_few_sentinels", "byt5",
                                         "pegasus", "mbart", "mbart50", "nllb",
                                         "nllb_legacy", "m2m100", "bart",
                                         "blenderbot"),
                         [](const auto& test) { return test.param; });

}  // namespace
}  // namespace tessera::engine
