// Words that tokenizers lack, in their texts and in outputs.
#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "engine/request/source_words.h"
#include "engine/tokenizer/tokenizer.h"
#include "tests/engine/tokenizer/scratch_folder.h"

namespace tessera::engine {
namespace {

using Ids = std::vector<std::int32_t>;
using nlohmann::json;

const std::filesystem::path kSource = TESSERA_SOURCE_DIR;
const std::filesystem::path kGolden = kSource / "tests/golden/tokenizer";

// "separate" (Marian's), "words", or one of the golden tokenizers.
class UnknownWordsTest : public testing::TestWithParam<std::string> {
 protected:
  UnknownWordsTest() {
    std::filesystem::path path = folder_.path();
    if (GetParam() == "separate") {
      path = kGolden / "separate";
    } else if (GetParam() == "words") {
      WriteWords();
    } else {
      WriteGolden();
    }
    tokenizer_ = LoadTokenizer(models::ModelFolder(path));
  }

  std::vector<UnknownWord> Unknown(const std::string& text) const {
    return SourceWords(*tokenizer_, languages_, text, 0).Unknown();
  }

  // A text through the ids of outputs and back, what is unknown put in again.
  std::string BackWithWords(const std::string& text) const {
    Ids ids = tokenizer_->EncodeTarget(languages_, text);
    std::vector<std::string> words;
    for (std::int32_t& id : ids) {
      if (id != tokenizer_->target_unknown()) continue;
      words.push_back("☃");
      id = -static_cast<std::int32_t>(words.size());
    }
    EXPECT_EQ(words.size(), 1u);
    return tokenizer_->DecodeWith(ids, words);
  }

  ScratchFolder folder_;
  std::unique_ptr<Tokenizer> tokenizer_;
  Languages languages_;

 private:
  void WriteWords() const {
    const char* const vocabulary =
        R"({"<pad>": 0, "<unk>": 1, "<bos>": 2, "<eos>": 3, "I": 4, "am": 5,
            "here.": 6})";
    folder_.Write("source_vocab.json", vocabulary);
    folder_.Write("target_vocab.json", vocabulary);
    folder_.Write("tokenizer_config.json",
                  R"({"tokenizer_class": "TesseraWords", "pad_token": "<pad>",
                      "unk_token": "<unk>", "bos_token": "<bos>",
                      "eos_token": "<eos>"})");
  }
  void WriteGolden() {
    const json golden =
        json::parse(ReadBytes(kGolden / (GetParam() + ".json")));
    for (const auto& [name, file] : golden["files"].items()) {
      folder_.Write(name, file.is_string() ? ReadBytes(kGolden / "families" /
                                                       file.get<std::string>())
                                           : file.dump());
    }
    folder_.Write("tokenizer_config.json", golden["config"].dump());
    if (golden["languages"].is_null()) return;
    languages_ = {.source = golden["languages"][0].get<std::string>(),
                  .target = golden["languages"][1].get<std::string>()};
  }
};

TEST_P(UnknownWordsTest, AreNamedWithTheirBytes) {
  const std::string text = "I am  ☃ here. ☃";
  const auto unknown = Unknown(text);
  std::size_t end = 0;
  for (const UnknownWord& word : unknown) {
    EXPECT_GE(word.begin, end);
    EXPECT_EQ(word.text, text.substr(word.begin, word.end - word.begin));
    end = word.end;
  }
  for (const std::size_t begin : {text.find("☃"), text.rfind("☃")}) {
    const auto found = std::ranges::find(unknown, begin, &UnknownWord::begin);
    ASSERT_NE(found, unknown.end()) << begin;
    EXPECT_EQ(found->text, "☃");
  }
}

TEST_P(UnknownWordsTest, OfKnownTextThereAreNone) {
  EXPECT_TRUE(Unknown("I here.").empty());
  EXPECT_TRUE(Unknown("").empty());
  EXPECT_TRUE(Unknown("  ").empty());
}

// As a piece of a word's beginning or middle has none, there is no space behind
// a word of BPEDecoder.
TEST_P(UnknownWordsTest, TakeThePlaceOfUnknownTokensInOutputs) {
  std::string expected = "I ☃ here.";
  if (GetParam() == "json/blenderbot_small") expected = "i ☃ here .";
  if (GetParam() == "json/pairs_of_words") expected = "i ☃here.";
  EXPECT_EQ(BackWithWords("I ☃ here."), expected);
  EXPECT_EQ(BackWithWords("☃"), "☃");
}

TEST_P(UnknownWordsTest, ChangeNothingWhereThereAreNone) {
  const Ids ids = tokenizer_->EncodeTarget(languages_, "I here.");
  EXPECT_EQ(tokenizer_->DecodeWith(ids, {}), tokenizer_->Decode(ids));
}

INSTANTIATE_TEST_SUITE_P(, UnknownWordsTest,
                         testing::Values("separate", "words", "families/t5",
                                         "families/pegasus", "families/mbart",
                                         "families/nllb", "families/m2m100",
                                         "json/pairs_of_words",
                                         "json/blenderbot_small"),
                         [](const auto& tested) {
                           std::string name = tested.param;
                           std::ranges::replace(name, '/', '_');
                           return name;
                         });

class AttendedTest : public testing::Test {
 protected:
  // What a token of an output becomes that looks at source token i.
  std::string At(const std::string& text, std::size_t i) const {
    std::vector<float> weights(tokenizer_->Encode(text).ids.size(), 0.1f);
    weights[i] = 0.5f;
    weights.back() = 0.7f;  // the end is no word
    const SourceWords words(*tokenizer_, {}, text, 0);
    return std::string(words.Attended(weights));
  }
  std::vector<std::string> All(const std::string& text) const {
    std::vector<std::string> words;
    const std::size_t tokens = tokenizer_->Encode(text).ids.size() - 1;
    for (std::size_t i = 0; i < tokens; ++i) {
      std::string word = At(text, i);
      if (words.empty() || words.back() != word) words.push_back(word);
    }
    return words;
  }

  std::unique_ptr<Tokenizer> Load() {
    folder_.Write("spiece.model", ReadBytes(kGolden / "families/pieces.model"));
    folder_.Write("tokenizer_config.json",
                  R"({"tokenizer_class": "T5Tokenizer"})");
    return LoadTokenizer(models::ModelFolder(folder_.path()));
  }

  ScratchFolder folder_;
  const std::unique_ptr<Tokenizer> tokenizer_ = Load();
};

using Words = std::vector<std::string>;

TEST_F(AttendedTest, AreWholeWordsWithoutThePunctuationBesideThem) {
  EXPECT_EQ(All("Where is (elephant)?"),
            (Words{"Where", "is", "(", "elephant", ")", "?"}));
}

TEST_F(AttendedTest, OfUnknownTokensAreWhatTheyStandFor) {
  EXPECT_EQ(All("Tom saw ☃☃ here"), (Words{"Tom", "saw", "☃☃", "here"}));
}

// More than is looked into; nothing is lost.
TEST_F(AttendedTest, OfLongPartsAreTheWholePart) {
  const std::string part(300, 'x');
  EXPECT_EQ(All("Tom " + part), (Words{"Tom", part}));
}

TEST_F(AttendedTest, WhatWasCutOffIsNeitherTokenNorWord) {
  const std::string text = "☃ is here ☃";
  const std::size_t tokens = tokenizer_->Encode(text).ids.size();
  const SourceWords words(*tokenizer_, {}, text, 1);
  ASSERT_EQ(words.Unknown().size(), 1u);
  EXPECT_EQ(words.Unknown()[0].begin, 0u);
  std::vector<float> weights(tokens - 1, 0.1f);
  weights[tokens - 3] = 0.5f;  // the "▁" of the second one
  EXPECT_NE(words.Attended(weights), "");
}

}  // namespace
}  // namespace tessera::engine
