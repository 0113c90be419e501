// MarianTokenizer against golden files of Hugging Face, and where it differs.
#include "engine/tokenizer/marian_tokenizer.h"

#include <gtest/gtest.h>
#include <tessera/error.h>
#include <tessera/options.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <thread>
#include <vector>

#include "tests/engine/tokenizer/scratch_folder.h"

namespace tessera::engine {
namespace {

using Ids = std::vector<std::int32_t>;

const std::filesystem::path kSource = TESSERA_SOURCE_DIR;
const std::filesystem::path kBundled = kSource / "models/bundled/tatoeba-en-fr";
const std::filesystem::path kGolden = kSource / "tests/golden/tokenizer";

constexpr std::int32_t kEndId = 0;
constexpr std::int32_t kUnknownId = 1;

const Tokenizer& Bundled() {
  static const auto tokenizer = LoadTokenizer(models::ModelFolder(kBundled));
  return *tokenizer;
}

void ExpectError(const Tokenizer& tokenizer, std::string_view text,
                 std::string_view message) {
  try {
    tokenizer.Encode(text);
    ADD_FAILURE() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.what(), message);
  }
}

// A folder with the bundled tokenizer's files, to be changed by a test.
void CopyTokenizer(const ScratchFolder& folder) {
  for (const char* name : {"source.spm", "target.spm", "vocab.json"}) {
    std::filesystem::copy(kBundled / name, folder.path() / name);
  }
}

struct Golden {
  const char* file;
  std::filesystem::path folder;
};

class MarianTokenizerGoldenTest : public testing::TestWithParam<Golden> {
 protected:
  void SetUp() override {
    golden_ = nlohmann::json::parse(ReadBytes(kGolden / GetParam().file));
    tokenizer_ = LoadTokenizer(models::ModelFolder(GetParam().folder));
  }

  nlohmann::json golden_;
  std::unique_ptr<Tokenizer> tokenizer_;
};

TEST_P(MarianTokenizerGoldenTest, GivesTheIdsOfHuggingFace) {
  ASSERT_GE(golden_["encode"].size(), 200u);
  for (const auto& entry : golden_["encode"]) {
    const auto text = entry["text"].get<std::string>();
    EXPECT_EQ(tokenizer_->Encode(text).ids, entry["ids"].get<Ids>())
        << entry["text"].dump(-1, ' ', true);
  }
}

TEST_P(MarianTokenizerGoldenTest, GivesTheTextsOfHuggingFace) {
  ASSERT_GE(golden_["decode"].size(), 200u);
  for (const auto& entry : golden_["decode"]) {
    EXPECT_EQ(tokenizer_->Decode(entry["ids"].get<Ids>()),
              entry["text"].get<std::string>())
        << entry["ids"];
  }
}

INSTANTIATE_TEST_SUITE_P(All, MarianTokenizerGoldenTest,
                         testing::Values(Golden{"marian.json", kBundled},
                                         Golden{"separate.json",
                                                kGolden / "separate"}),
                         [](const auto& param_info) {
                           const std::string file = param_info.param.file;
                           return file.substr(0, file.find('.'));
                         });

TEST(MarianTokenizerTest, TakesSpelledControlTokensForText) {
  for (const char* text :
       {"</s>", "<pad>", "<unk>", "<s>", "a</s>b", "山</s>山", "山<pad>山",
        "</s></s>", ">></s><<", ">><pad><<x"}) {
    Ids ids = Bundled().Encode(text).ids;
    ASSERT_EQ(ids.back(), kEndId) << text;
    ids.pop_back();
    EXPECT_FALSE(ids.empty()) << text;
    EXPECT_EQ(std::count(ids.begin(), ids.end(), kEndId), 0) << text;
    EXPECT_EQ(std::count(ids.begin(), ids.end(), 7999), 0) << text;
  }
}

TEST(MarianTokenizerTest, TakesAnUnknownRunThatSpellsAControlTokenForText) {
  // A vocabulary of one piece leaves "</s>" a run of unknown characters, which
  // libsentencepiece gives back as the piece "</s>".
  ScratchFolder folder;
  CopyTokenizer(folder);
  std::string model;  // ModelProto{pieces: {"<unk>", type UNKNOWN}, {"▁"}}
  model += std::string("\x0A\x09\x0A\x05<unk>\x18\x02", 11);
  model += std::string("\x0A\x05\x0A\x03\xE2\x96\x81", 7);
  folder.Write("source.spm", model);
  folder.Write("vocab.json",
               R"({"</s>": 0, "<unk>": 1, "▁": 2, "<pad>": 3, "ab": 4})");
  const auto tokenizer = LoadTokenizer(models::ModelFolder(folder.path()));
  EXPECT_EQ(tokenizer->Encode("</s>").ids, (Ids{2, kUnknownId, kEndId}));
  EXPECT_EQ(tokenizer->Encode("<pad>").ids, (Ids{2, kUnknownId, kEndId}));
  EXPECT_EQ(tokenizer->Encode("ab").ids, (Ids{2, 4, kEndId}));
}

TEST(MarianTokenizerTest, PutsALanguageCodeFirstWhereTheModelHasIt) {
  const auto tokenizer =
      LoadTokenizer(models::ModelFolder(kGolden / "separate"));
  const Ids with = tokenizer->Encode(">>fr<<Where?").ids;
  const Ids without = tokenizer->Encode("Where?").ids;
  ASSERT_EQ(with.size(), without.size() + 1);
  EXPECT_TRUE(std::equal(without.begin(), without.end(), with.begin() + 1));
  EXPECT_NE(with[0], kUnknownId);
  EXPECT_EQ(tokenizer->Encode(">>xx<<Where?").ids[0], kUnknownId);
}

TEST(MarianTokenizerTest, SaysWhereATextIsNotUtf8) {
  ExpectError(Bundled(), "Where is the caf\xC3",
              "want UTF-8, found byte 0xC3 at offset 16");
  ExpectError(Bundled(), "\xFF", "want UTF-8, found byte 0xFF at offset 0");
  ExpectError(Bundled(), "a\xED\xA0\x80",
              "want UTF-8, found byte 0xED at offset 1");
}

TEST(MarianTokenizerTest, RefusesTextsBeyondItsLimit) {
  std::string text(kMaxTextBytes, 'a');
  EXPECT_EQ(Bundled().Encode(text).ids.back(), kEndId);
  ExpectError(Bundled(), text + "a",
              "want at most 65536 bytes of text, found 65537");
}

TEST(MarianTokenizerTest, GivesTheSameIdsFromManyThreads) {
  const std::string text = "Where is the caf\xC3\xA9? I am 山田 happy. ";
  const Ids expected = Bundled().Encode(text).ids;
  std::vector<int> differences(4);
  {
    std::vector<std::jthread> threads;
    for (int& count : differences) {
      threads.emplace_back([&] {
        for (int i = 0; i < 500; ++i) {
          count += Bundled().Encode(text).ids != expected;
        }
      });
    }
  }
  EXPECT_EQ(differences, (std::vector<int>{0, 0, 0, 0}));
}

TEST(MarianTokenizerTest, SkipsIdsThatNoVocabularyHas) {
  EXPECT_EQ(Bundled().Decode(Ids{-1, 8000, INT32_MAX, INT32_MIN}), "");
  EXPECT_EQ(Bundled().Piece(-1), "<unk>");
  EXPECT_EQ(Bundled().Piece(8000), "<unk>");
  EXPECT_EQ(Bundled().Piece(272), "▁the");
  EXPECT_EQ(Bundled().target_size(), 8000u);
}

TEST(MarianTokenizerTest, CleansUpSpacesOnlyIfConfigured) {
  const Ids ids = Bundled().Encode("you ' the").ids;
  ScratchFolder folder;
  CopyTokenizer(folder);
  folder.Write("tokenizer_config.json",
               R"({"clean_up_tokenization_spaces": true})");
  EXPECT_EQ(Bundled().Decode(ids), "you ' the");
  EXPECT_EQ(LoadTokenizer(models::ModelFolder(folder.path()))->Decode(ids),
            "you'the");
}

std::string LoadFailure(const std::filesystem::path& folder) {
  try {
    LoadTokenizer(models::ModelFolder(folder));
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

TEST(MarianTokenizerTest, NamesTheFileThatIsMissing) {
  for (const char* name : {"source.spm", "target.spm", "vocab.json"}) {
    ScratchFolder folder;
    CopyTokenizer(folder);
    std::filesystem::remove(folder.path() / name);
    EXPECT_NE(LoadFailure(folder.path()).find(name), std::string::npos);
  }
}

TEST(MarianTokenizerTest, RefusesAConfigurationItCannotFollow) {
  const std::pair<const char*, const char*> cases[] = {
      {R"({"tokenizer_class": "BertTokenizer"})",
       "tokenizer_config.json: key \"tokenizer_class\": want one of "
       "MarianTokenizer, T5Tokenizer, MT5Tokenizer, ByT5Tokenizer, "
       "PegasusTokenizer, MBartTokenizer, MBart50Tokenizer, NllbTokenizer, "
       "M2M100Tokenizer, BartTokenizer, BlenderbotTokenizer, "
       "BlenderbotSmallTokenizer, RobertaTokenizer, PreTrainedTokenizer, "
       "TokenizersBackend, TesseraPieces, "
       "TesseraWords, found \"BertTokenizer\""},
      {R"({"tokenizer_class": ""})",
       "tokenizer_config.json: key \"tokenizer_class\": want one of "
       "MarianTokenizer, T5Tokenizer, MT5Tokenizer, ByT5Tokenizer, "
       "PegasusTokenizer, MBartTokenizer, MBart50Tokenizer, NllbTokenizer, "
       "M2M100Tokenizer, BartTokenizer, BlenderbotTokenizer, "
       "BlenderbotSmallTokenizer, RobertaTokenizer, PreTrainedTokenizer, "
       "TokenizersBackend, TesseraPieces, "
       "TesseraWords, found \"\""},
      {R"({"eos_token": "<end>"})",
       "tokenizer_config.json: key \"eos_token\": want \"</s>\", found "
       "\"<end>\""},
      {R"({"separate_vocabs": 1})",
       "tokenizer_config.json: key \"separate_vocabs\": want true or false, "
       "found 1"}};
  for (const auto& [config, message] : cases) {
    ScratchFolder folder;
    CopyTokenizer(folder);
    folder.Write("tokenizer_config.json", config);
    EXPECT_EQ(LoadFailure(folder.path()), message);
  }
}

}  // namespace
}  // namespace tessera::engine
