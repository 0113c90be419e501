// WordsTokenizer with small vocabularies, and the folders it refuses.
#include <gtest/gtest.h>
#include <tessera/error.h>
#include <tessera/options.h>

#include <string>
#include <utility>
#include <vector>

#include "engine/tokenizer/family_tokenizers.h"
#include "tests/engine/tokenizer/folder_case.h"

namespace tessera::engine {
namespace {

class WordsTokenizerTest : public FolderCase {
 protected:
  WordsTokenizerTest() {
    folder_.Write("source_vocab.json",
                  R"({"<pad>": 0, "<unk>": 1, "<bos>": 2, "<eos>": 3,
                      "the": 4, "The": 5, "cat's": 6, "ok": 7, "ok!": 8})");
    folder_.Write("target_vocab.json",
                  R"({"<eos>": 0, "<pad>": 1, "<bos>": 2, "<unk>": 3,
                      "le": 4, "chat": 6})");
    Configure("");
  }

  void Configure(const std::string& keys) {
    folder_.Write("tokenizer_config.json",
                  R"({"tokenizer_class": "TesseraWords", "pad_token": "<pad>",
                      "unk_token": "<unk>", "bos_token": "<bos>",
                      "eos_token": "<eos>")" +
                      keys + "}");
  }
};

TEST_F(WordsTokenizerTest, LooksUpWhatStandsBetweenWhiteSpace) {
  EXPECT_EQ(Encode(" the\u3000The\x1F"
                   "cat's\nok "),
            (Ids{4, 5, 6, 7, 3}));
  EXPECT_EQ(Load()->source_size(), 9u);
  EXPECT_EQ(Load()->target_size(), 7u);
  EXPECT_EQ(Load()->target_end(), 0);
}

TEST_F(WordsTokenizerTest, AWordThatTheVocabularyLacksIsUnknown) {
  EXPECT_EQ(Encode("the dog"), (Ids{4, 1, 3}));
}

TEST_F(WordsTokenizerTest, TakesSpelledControlTokensForText) {
  EXPECT_EQ(Encode("<eos> <pad> <bos> <unk> </s>"), (Ids{1, 1, 1, 1, 1, 3}));
}

TEST_F(WordsTokenizerTest, LowersTextsAsConfigured) {
  EXPECT_EQ(Encode("THE The"), (Ids{1, 5, 3}));
  Configure(R"(, "lower_case": true)");
  EXPECT_EQ(Encode("THE The"), (Ids{4, 4, 3}));
}

TEST_F(WordsTokenizerTest, KeepsLatinLettersOnlyAsConfigured) {
  EXPECT_EQ(Encode("the, cat's ok!"), (Ids{1, 6, 8, 3}));
  Configure(R"(, "latin_only": true)");
  EXPECT_EQ(Encode("the, cat's - ok!"), (Ids{4, 6, 7, 3}));
}

TEST_F(WordsTokenizerTest, EndsSourcesAsConfigured) {
  Configure(R"(, "source_eos": false)");
  EXPECT_EQ(Encode("the"), Ids{4});
}

TEST_F(WordsTokenizerTest, SaysThatThereIsNothingToTranslate) {
  for (const char* source_eos : {"true", "false"}) {
    Configure(R"(, "latin_only": true, "source_eos": )" +
              std::string(source_eos));
    EXPECT_TRUE(Load()->Encode(" \u2003").empty);
    EXPECT_TRUE(Load()->Encode("12:30").empty);
    EXPECT_FALSE(Load()->Encode("the").empty);
  }
}

TEST_F(WordsTokenizerTest, JoinsTheTargetsWordsToItsFirstEnd) {
  EXPECT_EQ(Decode({4, 6, 0, 4}), "le chat");
  EXPECT_EQ(Decode({2, 4, 1, 6}), "le chat");
  EXPECT_EQ(Decode({0}), "");
}

TEST_F(WordsTokenizerTest, KeepsUnknownWordsAndSkipsIdsWithoutAnEntry) {
  EXPECT_EQ(Decode({4, 3, 6}), "le <unk> chat");
  EXPECT_EQ(Decode({4, 5, -1, 99, 6}), "le chat");
  EXPECT_EQ(Load()->Piece(6), "chat");
  EXPECT_EQ(Load()->Piece(5), "<unk>");
}

TEST_F(WordsTokenizerTest, RefusesTextsThatAreTooLongOrNotUtf8) {
  EXPECT_THROW(Encode("\xC3"), Error);
  EXPECT_EQ(Encode(std::string(kMaxTextBytes, 'a')), (Ids{1, 3}));
  EXPECT_THROW(Encode(std::string(kMaxTextBytes + 1, 'a')), Error);
}

TEST_F(WordsTokenizerTest, NamesTheFileThatIsMissing) {
  ExpectNamesWhatIsMissing({"source_vocab.json", "target_vocab.json"});
}

TEST_F(WordsTokenizerTest, RefusesVocabulariesThatAreNotSound) {
  const std::pair<const char*, const char*> cases[] = {
      {R"({"<pad>": 0, "<unk>": 1, "<bos>": 2, "<eos>": 3, "a": 3})",
       "target_vocab.json: id 3: want \"<eos>\" alone, found \"a\" too"},
      {R"({"<pad>": 0, "<unk>": 1, "<bos>": 2, "a": 3})",
       "target_vocab.json: want the piece \"<eos>\", found no such piece"},
      {"{\"\xFF\": 0}", "target_vocab.json: want valid JSON"}};
  for (const auto& [vocabulary, message] : cases) {
    folder_.Write("target_vocab.json", vocabulary);
    EXPECT_EQ(LoadFailure().rfind(message, 0), 0u) << LoadFailure();
  }
}

TEST_F(WordsTokenizerTest, RefusesKeysThatItDoesNotHave) {
  Configure(R"(, "lowercase": true)");
  EXPECT_EQ(LoadFailure(),
            "tokenizer_config.json: key \"lowercase\": want no such key of "
            "TesseraWords, found true");
}

}  // namespace
}  // namespace tessera::engine
