// Parts of tokenizer.json's pipeline by themselves: cuts, patterns, added
// tokens, tables.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "engine/tokenizer/pipeline/charsmap.h"
#include "engine/tokenizer/pipeline/pattern.h"
#include "engine/tokenizer/pipeline/pre_tokenizer.h"
#include "engine/tokenizer/pipeline/segment.h"
#include "engine/tokenizer/pipeline/token_cutter.h"
#include "engine/tokenizer/text.h"
#include "tests/engine/tokenizer/golden_hash.h"

namespace tessera::engine {
namespace {

using Strings = std::vector<std::string>;

Strings TextsOf(const std::vector<Segment>& segments) {
  Strings texts;
  for (const Segment& segment : segments) texts.push_back(segment.text);
  return texts;
}

TEST(SegmentTest, IsCutAtMatchesInEachWay) {
  const Segment segment = {.text = "a--b-c", .opens = true};
  const std::vector<Range> dashes = {{1, 2}, {2, 3}, {4, 5}};
  const auto cut = [&](Cut how) {
    return TextsOf(CutAt(segment, dashes, how));
  };
  EXPECT_EQ(cut(Cut::kRemoved), (Strings{"a", "b", "c"}));
  EXPECT_EQ(cut(Cut::kIsolated), (Strings{"a", "-", "-", "b", "-", "c"}));
  EXPECT_EQ(cut(Cut::kMergedWithPrevious), (Strings{"a-", "-", "b-", "c"}));
  EXPECT_EQ(cut(Cut::kMergedWithNext), (Strings{"a", "-", "-b", "-c"}));
  EXPECT_EQ(cut(Cut::kContiguous), (Strings{"a", "--", "b", "-", "c"}));
  EXPECT_EQ(TextsOf(CutBetween(segment, dashes, Cut::kRemoved)),
            (Strings{"-", "-", "-"}));
}

TEST(SegmentTest, OnlyTheFirstPartOpensTheText) {
  const auto cut =
      CutAt({.text = "-a", .opens = true}, {{0, 1}}, Cut::kRemoved);
  ASSERT_EQ(cut.size(), 1u);
  EXPECT_FALSE(cut[0].opens);
  EXPECT_TRUE(
      CutAt({.text = "a-", .opens = true}, {{1, 2}}, Cut::kRemoved)[0].opens);
}

Strings Matches(const std::string& expression, const std::string& text) {
  Strings found;
  for (const Range& match : Pattern::Regex("here", expression).Find(text)) {
    found.push_back(text.substr(match.begin, match.end - match.begin));
  }
  return found;
}

TEST(PatternTest, ExpressionsMeanWhatOnigurumaMeans) {
  EXPECT_EQ(Matches(R"(\s+)", "a\v\xC2\x85z\x1C"),
            (Strings{"\v\xC2\x85"}));  // White_Space: not U+001C
  EXPECT_EQ(Matches(R"(\w+)", "\xC2\xB2x_ \xE2\x93\x90!"),
            (Strings{"\xC2\xB2x_", "\xE2\x93\x90"}));
  EXPECT_EQ(Matches(R"([^\s\p{L}]+)", "ab1 2c"), (Strings{"1", "2"}));
  EXPECT_EQ(Matches(R"(^a$)", "a\nb\na\r\na"), (Strings{"a", "a"}));
  EXPECT_EQ(Matches(R"(.)", "\r\n"), (Strings{"\r"}));
  EXPECT_EQ(Matches(R"((?i:'S)|\p{N}{1,3})", "'s1234"),
            (Strings{"'s", "123", "4"}));
}

TEST(PatternTest, ASearchEndsInTimeWhateverTheExpression) {
  const std::string text = std::string(200, 'a') + "!";
  EXPECT_THROW(Matches("(?:a+)+$", text), TextError);
}

TEST(TokenCutterTest, StandInTextsByTheirFlags) {
  const TokenCutter tokens({{.content = "<l>", .id = 1, .lstrip = true},
                            {.content = "<r>", .id = 2, .rstrip = true},
                            {.content = "it", .id = 3, .single_word = true},
                            {.content = "<l>x", .id = 4},
                            {.content = "</s>", .id = 5, .in_texts = false}});
  const auto split = [&](std::string_view text) {
    Strings parts;
    for (const TokenCutter::Part& part : tokens.Split(text)) {
      parts.push_back((part.token ? std::to_string(part.token->id) + ":" : "") +
                      std::string(part.text));
    }
    return parts;
  };
  EXPECT_EQ(split(""), Strings{});
  EXPECT_EQ(split("a <l>b"), (Strings{"a", "1: <l>", "b"}));
  EXPECT_EQ(split("<r> \xE3\x80\x80 b"), (Strings{"2:<r> \xE3\x80\x80 ", "b"}));
  EXPECT_EQ(split("<r> <l>"), (Strings{"2:<r> ", "1:<l>"}));
  EXPECT_EQ(split("<l>xy"), (Strings{"4:<l>x", "y"}));  // the longest
  EXPECT_EQ(split("it its wit \xC3\xA9it it."),
            (Strings{"3:it", " its wit \xC3\xA9it ", "3:it", "."}));
  EXPECT_EQ(split("a</s>b"), (Strings{"a</s>b"}));  // text stays text
}

TEST(CharsmapTest, Base64IsReadWithItsPadding) {
  for (const std::string bytes : {"", "a", "ab", "abc", "\xFF\xFE\xFD\xFC"}) {
    EXPECT_EQ(DecodeBase64(Base64(bytes)), bytes);
  }
  EXPECT_EQ(DecodeBase64("YQ"), std::nullopt);
  EXPECT_EQ(DecodeBase64("Y==="), std::nullopt);
  EXPECT_EQ(DecodeBase64("YQ=a"), std::nullopt);
  EXPECT_THROW(Charsmap("here", "AAAAAAAA"), Error);
  EXPECT_EQ(Charsmap("here", "").Apply("a\xCC\x81"), "a\xCC\x81");
}

TEST(PreTokenizerTest, OldMetaspaceSaysAddPrefixSpace) {
  const auto words = [](const nlohmann::json& metaspace) {
    const PreTokenizer cutter = ReadPreTokenizer(Node("here", metaspace));
    return TextsOf(cutter({{.text = "a b", .opens = false}}));
  };
  nlohmann::json metaspace = {{"type", "Metaspace"}, {"replacement", "_"}};
  EXPECT_EQ(words(metaspace), (Strings{"_a", "_b"}));
  metaspace["add_prefix_space"] = false;
  EXPECT_EQ(words(metaspace), (Strings{"a", "_b"}));
  metaspace.erase("add_prefix_space");
  metaspace["prepend_scheme"] = "first";
  EXPECT_EQ(words(metaspace), (Strings{"a", "_b"}));
  metaspace["split"] = false;
  EXPECT_EQ(words(metaspace), (Strings{"a_b"}));
}

}  // namespace
}  // namespace tessera::engine
