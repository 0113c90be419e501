// Words of GPT-2's pattern, merges, and files that are refused.
#include "engine/tokenizer/byte_pairs.h"

#include <gtest/gtest.h>
#include <tessera/error.h>

#include <string>
#include <vector>

#include "engine/tokenizer/text.h"
#include "tests/engine/tokenizer/scratch_folder.h"

namespace tessera::engine {
namespace {

using Words = std::vector<std::string_view>;
using Tokens = std::vector<std::string>;

TEST(SplitWordsTest, CutsAsThePatternOfGpt2) {
  EXPECT_EQ(SplitWords(""), Words{});
  EXPECT_EQ(SplitWords("Hello world"), (Words{"Hello", " world"}));
  EXPECT_EQ(SplitWords("  two  spaces "),
            (Words{" ", " two", " ", " spaces", " "}));
  EXPECT_EQ(SplitWords("a\tb \t c\t"),
            (Words{"a", "\t", "b", " \t", " c", "\t"}));
  EXPECT_EQ(SplitWords("we're I'LL 'tis"),
            (Words{"we", "'re", " I", "'", "LL", " '", "tis"}));
  EXPECT_EQ(SplitWords("'s''s"), (Words{"'s", "''", "s"}));
  EXPECT_EQ(SplitWords("3rd x2 ½"), (Words{"3", "rd", " x", "2", " ½"}));
  EXPECT_EQ(SplitWords("a.b...?! c"), (Words{"a", ".", "b", "...?!", " c"}));
  EXPECT_EQ(SplitWords("é\u00a0山 \u3000x"),
            (Words{"é", "\u00a0", "山", " ", "\u3000", "x"}));
}

class BytePairsTest : public testing::Test {
 protected:
  BytePairs Read(const std::string& lines) {
    return BytePairs::Read(
        folder_.Write("merges.txt", "#version: 0.2\n" + lines));
  }
  std::string Refusal(const std::string& lines) {
    try {
      Read(lines);
    } catch (const Error& error) {
      return error.what();
    }
    return "none";
  }

  ScratchFolder folder_;
};

TEST_F(BytePairsTest, MergesTheFirstOfTheListLeftmostFirst) {
  const BytePairs pairs = Read("a b\nab c\nb a\na a\nĠ ab\n");
  EXPECT_EQ(pairs.Encode("abc"), (Tokens{"abc"}));
  EXPECT_EQ(pairs.Encode("aba"), (Tokens{"ab", "a"}));
  EXPECT_EQ(pairs.Encode("bab"), (Tokens{"b", "ab"}));
  EXPECT_EQ(pairs.Encode("aaaaa"), (Tokens{"aa", "aa", "a"}));
  EXPECT_EQ(pairs.Encode("x ab"), (Tokens{"x", "Ġab"}));
  EXPECT_EQ(pairs.Encode("\n"), (Tokens{"Ċ"}));
}

TEST_F(BytePairsTest, TakesNoTimeWithTheSquareOfALongWord) {
  const BytePairs pairs = Read("a a\naa aa\naaaa aaaa\n");
  EXPECT_EQ(pairs.Encode(std::string(1 << 16, 'a')).size(), 1u << 13);
}

TEST_F(BytePairsTest, LeavesOutTheFirstLineAndWhatFollowsTheLastEnd) {
  EXPECT_EQ(Read("a b\nb c").Encode("abc"), (Tokens{"ab", "c"}));
  EXPECT_EQ(Read("").Encode("ab"), (Tokens{"a", "b"}));
}

TEST_F(BytePairsTest, RefusesLinesThatAreNoPairs) {
  EXPECT_EQ(Refusal("a b\nabc\n"),
            "merges.txt: line 3: want two tokens, found 1");
  EXPECT_EQ(Refusal("a b c\n"), "merges.txt: line 2: want two tokens, found 3");
  EXPECT_EQ(Refusal("\na b\n"), "merges.txt: line 2: want two tokens, found 0");
  EXPECT_NE(Refusal("a \xC3\n").find("want UTF-8"), std::string::npos);
}

TEST(BytesOfTest, AreThoseThatTokensStandFor) {
  EXPECT_EQ(BytesOf("ĠcafÃ©"), " caf\xC3\xA9");
  EXPECT_EQ(BytesOf("Ā"), std::string(1, '\0'));
  EXPECT_EQ(BytesOf("a山b"), "ab");
}

TEST(ReplaceInvalidTest, ReplacesEachBrokenCharacterOnce) {
  EXPECT_EQ(ReplaceInvalid("a\xE2\x82(b", "?"), "a?(b");
  EXPECT_EQ(ReplaceInvalid("\xF0\x9F\x98", "?"), "?");
  EXPECT_EQ(ReplaceInvalid("\x80\x80\xC0\xAF", "?"), "????");
  EXPECT_EQ(ReplaceInvalid("\xED\xA0\x80", "?"), "???");
  EXPECT_EQ(ReplaceInvalid("é\xC3", ""), "é");
}

}  // namespace
}  // namespace tessera::engine
