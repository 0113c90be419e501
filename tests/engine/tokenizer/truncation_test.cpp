// Texts cut to fewer tokens, as Hugging Face's truncation=True cuts them.
#include "engine/tokenizer/truncation.h"

#include <gtest/gtest.h>
#include <tessera/error.h>

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "engine/tokenizer/tokenizer.h"
#include "tests/engine/tokenizer/scratch_folder.h"

namespace tessera::engine {
namespace {

using Ids = std::vector<std::int32_t>;
using nlohmann::json;

constexpr std::size_t kManyPositions = 10'000;

const std::filesystem::path kSource = TESSERA_SOURCE_DIR;
const std::filesystem::path kGolden = kSource / "tests/golden/tokenizer";

// The folder of a tokenizer of the golden files.
class Folder {
 public:
  explicit Folder(const std::string& name) {
    if (name == "marian") {
      const auto bundled = kSource / "models/bundled/tatoeba-en-fr";
      for (const char* file : {"source.spm", "target.spm", "vocab.json"}) {
        folder_.Write(file, ReadBytes(bundled / file));
      }
      config_ = {{"tokenizer_class", "MarianTokenizer"}};
      return;
    }
    const auto families = kGolden / "families";
    const bool small = name == "blenderbot_small";
    const json golden = json::parse(
        ReadBytes(families / (small ? "../json" : ".") / (name + ".json")));
    for (const auto& [file, part] : golden["files"].items()) {
      folder_.Write(file, ReadBytes(families / part.get<std::string>()));
    }
    config_ = golden["config"];
    if (golden["languages"].is_null()) return;
    languages_ = {.source = golden["languages"][0].get<std::string>(),
                  .target = golden["languages"][1].get<std::string>()};
  }

  std::unique_ptr<Tokenizer> Load(const json& settings) {
    json config = config_;
    config.update(settings);
    folder_.Write("tokenizer_config.json", config.dump());
    return LoadTokenizer(models::ModelFolder(folder_.path()));
  }
  const Languages& languages() const { return languages_; }

 private:
  ScratchFolder folder_;
  json config_;
  Languages languages_;
};

class TruncationGoldenTest : public testing::TestWithParam<std::string> {};

TEST_P(TruncationGoldenTest, LeavesTheIdsOfTransformers) {
  const json golden = json::parse(ReadBytes(kGolden / "truncation.json"));
  Folder folder(GetParam());
  const json& cuts = golden[GetParam()];
  ASSERT_GE(cuts.size(), 36u);
  for (const json& cut : cuts) {
    SCOPED_TRACE(cut.dump());
    const auto tokenizer = folder.Load({{"model_max_length", cut["longest"]},
                                        {"truncation_side", cut["side"]}});
    const EncodedText whole = tokenizer->EncodeFor(
        folder.languages(), cut["text"].get<std::string>());
    EncodedText text = whole;
    const std::size_t gone = tokenizer->truncation().Cut(text, kManyPositions);
    EXPECT_EQ(text.ids, cut["ids"].get<Ids>());
    EXPECT_EQ(gone, whole.ids.size() - text.ids.size());
  }
}

INSTANTIATE_TEST_SUITE_P(Tokenizers, TruncationGoldenTest,
                         testing::Values("t5", "byt5", "pegasus", "mbart",
                                         "mbart50", "nllb", "m2m100", "bart",
                                         "blenderbot", "blenderbot_small",
                                         "marian"),
                         [](const auto& test) { return test.param; });

TEST(TruncationTest, CutsToThePositionsWhereTheFolderSaysNothing) {
  EncodedText text = {.ids = {1, 2, 3, 4, 0}};
  EXPECT_EQ(Truncation().Cut(text, 3), 2u);
  EXPECT_EQ(text.ids, (Ids{1, 2, 0}));
  EXPECT_EQ(Truncation().Cut(text, 3), 0u);
}

TEST(TruncationTest, NeverTakesControlTokens) {
  EncodedText text = {.ids = {8, 9, 1, 2, 0}, .opening = 2, .closing = 1};
  EXPECT_EQ((Truncation{.longest = 1}.Cut(text, 100)), 2u);
  EXPECT_EQ(text.ids, (Ids{8, 9, 0}));
  EncodedText open = {.ids = {1, 2, 3}, .closing = 0};
  EXPECT_EQ(Truncation().Cut(open, 2), 1u);
  EXPECT_EQ(open.ids, (Ids{1, 2}));
}

Truncation ReadFrom(const json& config) {
  const ScratchFolder folder;
  folder.Write("tokenizer_config.json", config.dump());
  return Truncation::Read(models::ModelFolder(folder.path()));
}

TEST(TruncationTest, TakesHugeLengthsForNone) {
  EXPECT_EQ(ReadFrom({{"model_max_length", 1e30}}).longest,
            Truncation().longest);
  EXPECT_EQ(ReadFrom({{"model_max_length", nullptr}}).longest,
            Truncation().longest);
  EXPECT_EQ(ReadFrom(json::object()).longest, Truncation().longest);
  EXPECT_EQ(ReadFrom({{"model_max_length", 512}}).longest, 512u);
}

TEST(TruncationTest, RefusesWhatIsNoLengthAndNoSide) {
  for (const json& config :
       {json{{"model_max_length", 0}}, json{{"model_max_length", -1}},
        json{{"model_max_length", "512"}}, json{{"model_max_length", {512}}},
        json{{"truncation_side", "both"}}, json{{"truncation_side", 1}}}) {
    EXPECT_THROW(ReadFrom(config), Error) << config;
  }
}

}  // namespace
}  // namespace tessera::engine
