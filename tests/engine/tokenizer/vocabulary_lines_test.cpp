// Vocabularies with a piece a line.
#include <gtest/gtest.h>
#include <tessera/error.h>

#include <string>
#include <utility>

#include "engine/tokenizer/vocabulary.h"
#include "tests/engine/tokenizer/scratch_folder.h"

namespace tessera::engine {
namespace {

Vocabulary ReadLines(std::string_view lines) {
  ScratchFolder folder;
  return Vocabulary::ReadLines(folder.Write("bpe.vocab", lines));
}

std::string ErrorOf(std::string_view lines) {
  try {
    ReadLines(lines);
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

TEST(VocabularyLinesTest, NumbersPiecesByTheirLines) {
  const Vocabulary vocabulary = ReadLines("<pad>\t0\n▁a\t-1\nb -2 c\nd");
  EXPECT_EQ(vocabulary.size(), 4u);
  EXPECT_EQ(vocabulary.Id("<pad>"), 0);
  EXPECT_EQ(vocabulary.Id("▁a"), 1);
  EXPECT_EQ(vocabulary.Id("b"), 2);
  EXPECT_EQ(vocabulary.Id("d"), 3);
  EXPECT_EQ(vocabulary.Find("-1"), std::nullopt);
  EXPECT_EQ(vocabulary.Piece(1), "▁a");
  EXPECT_EQ(vocabulary.Piece(4), std::nullopt);
}

TEST(VocabularyLinesTest, FindsTheLastOfEqualPieces) {
  const Vocabulary vocabulary = ReadLines("a\nb\na\n");
  EXPECT_EQ(vocabulary.Id("a"), 2);
  EXPECT_EQ(vocabulary.Piece(0), "a");
  EXPECT_EQ(vocabulary.Piece(2), "a");
}

TEST(VocabularyLinesTest, TakesEveryWhiteSpaceAndLineEndOfPython) {
  const Vocabulary vocabulary =
      ReadLines("a\u3000-1\r\nb\u00A0-2\u2028 c\x1F-3\rd");
  EXPECT_EQ(vocabulary.size(), 4u);
  EXPECT_EQ(vocabulary.Id("a"), 0);
  EXPECT_EQ(vocabulary.Id("b"), 1);
  EXPECT_EQ(vocabulary.Id("c"), 2);
  EXPECT_EQ(vocabulary.Id("d"), 3);
}

TEST(VocabularyLinesTest, SaysWhatIsWrongAndWhere) {
  const std::pair<std::string, const char*> cases[] = {
      {"", "bpe.vocab: want 1 to 1000000 lines, found 0"},
      {"a\n\nb\n", "bpe.vocab: line 2: want a piece, found an empty line"},
      {"a\nb\n\u00A0\t\n",
       "bpe.vocab: line 3: want a piece, found white space"},
      {"a\nb\xFF\n", "bpe.vocab: want UTF-8, found byte 0xFF at offset 3"},
      {"a\n\xE2\x96", "bpe.vocab: want UTF-8, found byte 0xE2 at offset 2"}};
  for (const auto& [lines, message] : cases) {
    EXPECT_EQ(ErrorOf(lines), message) << lines;
  }
}

TEST(VocabularyLinesTest, RefusesMoreLinesThanItsLimit) {
  std::string lines;
  for (std::size_t i = 0; i <= Vocabulary::kMaxSize; ++i) lines += "a\n";
  EXPECT_EQ(ErrorOf(lines),
            "bpe.vocab: want 1 to 1000000 lines, found 1000001");
}

}  // namespace
}  // namespace tessera::engine
