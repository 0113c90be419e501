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

TEST(VocabularyTest, GivesASharedIdItsLastPieceInTheOrderOfTheFile) {
  const Vocabulary vocabulary =
      ReadText(R"({"z": 0, "b": 0, "a": 0, "c": 2, "": 2, "d": 1})");
  EXPECT_EQ(vocabulary.Piece(0), "a");
  for (const char* piece : {"z", "b", "a"}) EXPECT_EQ(vocabulary.Id(piece), 0);
  EXPECT_EQ(vocabulary.Piece(2), std::nullopt);
  EXPECT_EQ(vocabulary.Id("c"), 2);
  EXPECT_EQ(vocabulary.Find(""), std::nullopt);
  EXPECT_EQ(vocabulary.size(), 3u);
  EXPECT_EQ(vocabulary.pieces(), 5u);
}

TEST(VocabularyTest, TakesTheLastIdOfAPieceThatComesTwice) {
  const Vocabulary vocabulary =
      ReadText(R"({"a": 0, "b": 1, "c": 3, "\u0061": 3, "c": 2})");
  EXPECT_EQ(vocabulary.Id("a"), 3);
  EXPECT_EQ(vocabulary.Piece(3), "a");
  EXPECT_EQ(vocabulary.Piece(0), std::nullopt);
  EXPECT_EQ(vocabulary.Id("c"), 2);
}

TEST(VocabularyTest, KeepsHalvesOfSurrogatePairsApart) {
  const Vocabulary vocabulary = ReadText(
      R"({"\ud83d": 0, "\uDE00": 1, "\ud83d\ude00": 2, "\\ud83d": 3,)"
      R"( "\ufffd": 4, "a\ud83dud83d": 5, "\ud83d\ud83d": 6, "\uDFFF\n": 7})");
  EXPECT_EQ(vocabulary.pieces(), 8u);
  EXPECT_EQ(vocabulary.Find("\xF0\x9F\x98\x80"), 2);  // U+1F600
  EXPECT_EQ(vocabulary.Find("\\ud83d"), 3);
  EXPECT_EQ(vocabulary.Find("\xEF\xBF\xBD"), 4);       // U+FFFD
  EXPECT_EQ(vocabulary.Piece(0), "\xF4\x8F\xA0\xBD");  // U+10F83D
}

}  // namespace
}  // namespace tessera::engine
