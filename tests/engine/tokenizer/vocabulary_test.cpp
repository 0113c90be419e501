// Vocabulary files, sound and unsound.
#include "engine/tokenizer/vocabulary.h"

#include <gtest/gtest.h>
#include <tessera/error.h>

#include <utility>

#include "tests/engine/tokenizer/scratch_folder.h"

namespace tessera::engine {
namespace {

Vocabulary ReadText(std::string_view json) {
  ScratchFolder folder;
  return Vocabulary::Read(folder.Write("vocab.json", json));
}

TEST(VocabularyTest, MapsPiecesToIdsAndBack) {
  const Vocabulary vocabulary = ReadText(R"({"</s>": 0, "▁a": 2, "b": 1})");
  EXPECT_EQ(vocabulary.size(), 3u);
  EXPECT_EQ(vocabulary.Id("▁a"), 2);
  EXPECT_EQ(vocabulary.Find("b"), 1);
  EXPECT_EQ(vocabulary.Find("c"), std::nullopt);
  EXPECT_EQ(vocabulary.Piece(0), "</s>");
  EXPECT_EQ(vocabulary.Piece(3), std::nullopt);
  EXPECT_EQ(vocabulary.Piece(-1), std::nullopt);
}

TEST(VocabularyTest, AllowsGaps) {
  const Vocabulary vocabulary = ReadText(R"({"a": 0, "b": 5})");
  EXPECT_EQ(vocabulary.size(), 6u);
  EXPECT_EQ(vocabulary.Piece(3), std::nullopt);
  EXPECT_EQ(vocabulary.Piece(5), "b");
}

TEST(VocabularyTest, NamesThePieceThatIsMissing) {
  const Vocabulary vocabulary = ReadText(R"({"a": 0})");
  try {
    vocabulary.Id("<unk>");
    ADD_FAILURE() << "no error";
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(),
                 "vocab.json: want the piece \"<unk>\", found no such piece");
  }
}

TEST(VocabularyTest, RefusesWhatIsNoVocabulary) {
  const std::pair<const char*, const char*> cases[] = {
      {"{}", "vocab.json: want pieces with ids, found none"},
      {R"({"a": 0, "b": 0})",
       "vocab.json: id 0: want one piece, found \"a\" and \"b\""},
      {R"({"a": 0, "": 1})",
       "vocab.json: id 1: want a piece, found an empty one"},
      {R"({"a": -1})",
       "vocab.json: key \"a\": want an integer in [0, 999999], found -1"},
      {R"({"a": 1000000})",
       "vocab.json: key \"a\": want an integer in [0, 999999], found 1000000"},
      {R"({"a": 0.5})",
       "vocab.json: key \"a\": want an integer in [0, 999999], found 0.5"},
      {R"({"a": "0"})",
       "vocab.json: key \"a\": want an integer in [0, 999999], found \"0\""},
      {R"(["a"])", "vocab.json: want a JSON object, found [\"a\"]"}};
  for (const auto& [json, message] : cases) {
    try {
      ReadText(json);
      ADD_FAILURE() << json;
    } catch (const Error& error) {
      EXPECT_STREQ(error.what(), message);
    }
  }
}

TEST(VocabularyTest, RefusesADuplicateKey) {
  EXPECT_THROW(ReadText(R"({"a": 0, "a": 1})"), Error);
}

}  // namespace
}  // namespace tessera::engine
