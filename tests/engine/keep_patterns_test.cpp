// What the patterns of kept spans find, and what counts as kept.
#include "engine/request/keep_patterns.h"

#include <gtest/gtest.h>
#include <tessera/error.h>

#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "engine/request/kept_text.h"
#include "engine/request/sentences.h"
#include "engine/tokenizer/text.h"

namespace tessera::engine {
namespace {

using Words = std::vector<std::string>;

Words Found(const std::string& text,
            TranslateOptions options = {.keep_placeholders = true}) {
  return TextsOf(text, KeepPatterns::Of(options)->Find(text));
}

std::string ErrorOf(const TranslateOptions& options) {
  try {
    KeepPatterns::Of(options);
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

TEST(KeepPatternsTest, FindsPlaceholdersTagsAndAddresses) {
  const std::vector<std::pair<std::string, Words>> cases = {
      {"%s of %1$s: %-5.2f, %*d, %lld, %%, %@",
       {"%s", "%1$s", "%-5.2f", "%*d", "%lld", "%%", "%@"}},
      {"Hello %(name)s!", {"%(name)s"}},
      {"{name}, {0:.2f}, {}, {{ user }}, ${x}, #{y}, {\\an8}, $1 and $12",
       {"{name}", "{0:.2f}", "{}", "{{ user }}", "${x}", "#{y}", "{\\an8}",
        "$1", "$12"}},
      {"{n, plural, one {# file} other {# files}} left",
       {"{n, plural, one {# file} other {# files}}"}},
      {"<b>x</b><br/> <a href=\"https://x.org/{id}\">y</a><!-- z -->",
       {"<b>", "</b>", "<br/>", "<a href=\"https://x.org/{id}\">", "</a>",
        "<!-- z -->"}},
      {"See https://x.org/a_(b)?c=1, (http://y.org/{id}) or www.z.org.",
       {"https://x.org/a_(b)?c=1", "http://y.org/{id}", "www.z.org"}},
      {"To j.doe+1@mail.x.co.uk.", {"j.doe+1@mail.x.co.uk"}},
      {"%s%d", {"%s", "%d"}},
  };
  for (const auto& [text, spans] : cases) EXPECT_EQ(Found(text), spans) << text;
}

TEST(KeepPatternsTest, LeavesOtherTextAlone) {
  for (const char* text :
       {"20%off, 100% de lui, 50 % du", "{see below}", "a < b and c > d",
        "1 <2> 3", "me@home", "and/or: yes", "{ }", "5 $"}) {
    EXPECT_EQ(Found(text), Words()) << text;
  }
}

TEST(KeepPatternsTest, JoinsWhatOverlaps) {
  const Words both = {"abc", "cd", "x*"};
  EXPECT_EQ(Found("abcd abc", {.keep = both}), (Words{"abcd", "abc"}));
  EXPECT_EQ(
      Found("é[1] {a}", {.keep = {"\\[\\d\\]"}, .keep_placeholders = true}),
      (Words{"[1]", "{a}"}));
}

TEST(KeepPatternsTest, NamesWhatIsRefused) {
  EXPECT_EQ(KeepPatterns::Of({}), nullptr);
  EXPECT_EQ(KeepPatterns::Of({.keep_placeholders = false}), nullptr);
  EXPECT_EQ(ErrorOf({.keep = {"a", "(b"}}),
            "keep: want a regular expression, found \"(b\" (ICU: "
            "U_REGEX_MISMATCHED_PAREN)");
  EXPECT_EQ(ErrorOf({.keep = Words(65, "a")}), "keep: want 0 to 64, found 65");
  EXPECT_EQ(ErrorOf({.keep = {std::string(10'001, 'a')}}),
            "keep: want at most 10000 bytes, found 10001");
  EXPECT_EQ(ErrorOf({.required_words = {{5}}, .keep = {"a"}}),
            "keep, required_words: want one of them, found both");
  EXPECT_EQ(ErrorOf({.target_prefix = {5}, .keep_placeholders = true}),
            "keep_placeholders, target_prefix: want one of them, found both");
  EXPECT_EQ(ErrorOf({.alternatives = 2, .keep = {"a"}}),
            "keep, alternatives: want one of them, found both");
}

// None runs away, and those of Tessera's own give up nowhere.
TEST(KeepPatternsTest, BoundsTheTimeOfASearch) {
  const auto start = std::chrono::steady_clock::now();
  const std::string text(4000, 'a');
  for (const char* expression : {"(a*)*b", "(a|aa)+$b", "(?:a+)+b"}) {
    EXPECT_THROW(Found(text, {.keep = {expression}}), TextError) << expression;
  }
  std::string units[] = {"a",       "%",    "<a ", "{a, b", "{a,{b,{",
                         "http://", "www.", "a.b", "a@",    "a@b.",
                         "$",       "%(",   "{{",  "-"};
  for (const std::string& unit : units) {
    std::string long_text;
    while (long_text.size() < 20'000) long_text += unit;
    EXPECT_NO_THROW(Found(long_text)) << unit;
  }
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::minutes(2));
}

bool AreKept(const std::string& source, const std::string& output,
             TranslateOptions options = {.keep_placeholders = true}) {
  const auto patterns = KeepPatterns::Of(options);
  return patterns->AreKept(TextsOf(source, patterns->Find(source)), output);
}

TEST(KeepPatternsTest, CountsWhatIsKept) {
  EXPECT_TRUE(AreKept("a {x} b", "{x} c"));
  EXPECT_TRUE(AreKept("{x} and {y}", "{y} et {x}"));
  EXPECT_TRUE(AreKept("%1$s and %2$s", "%2$s et %1$s"));
  EXPECT_FALSE(AreKept("a {x} b", "c"));
  EXPECT_FALSE(AreKept("a {x} b", "{x} {x}"));
  EXPECT_FALSE(AreKept("{x} {x}", "{x}"));
  EXPECT_FALSE(AreKept("a", "%s"));
  EXPECT_FALSE(AreKept("<b>a</b>", "<b>a</b><i>"));
}

TEST(KeepPatternsTest, WantsTheOrderOfValuesAndTags) {
  EXPECT_TRUE(AreKept("%s: %d", "%s : %d"));
  EXPECT_FALSE(AreKept("%s: %d", "%d : %s"));
  EXPECT_FALSE(AreKept("<b>a</b>", "</b>a<b>"));
  EXPECT_FALSE(AreKept("<b><i>a</i></b>", "<b><i>a</b></i>"));
  EXPECT_TRUE(AreKept("<b>a</b><i>c</i>", "<i>c</i><b>a</b>"));
  EXPECT_TRUE(AreKept("<br>a</i>", "a</i><br>"));
}

TEST(KeepPatternsTest, LetsOutputsHaveMoreOfWhatAUserNames) {
  EXPECT_TRUE(AreKept("7 cats", "7 chats, 3", {.keep = {"\\d"}}));
  EXPECT_FALSE(AreKept("7 cats", "7 chats, 7", {.keep = {"\\d"}}));
}

TEST(KeepPatternsTest, JoinsSentencesThatASpanStandsAcross) {
  const std::string text = "One. Two. Three. Four.";
  const std::vector<std::string_view> sentences = SplitSentences(text);
  ASSERT_EQ(sentences.size(), 4u);
  const auto joined = [&](std::vector<Range> spans) {
    std::string all;
    for (const auto part : JoinAcross(text, sentences, spans)) {
      all.append("[").append(part).append("]");
    }
    return all;
  };
  EXPECT_EQ(joined({}), "[One.][Two.][Three.][Four.]");
  EXPECT_EQ(joined({{0, 4}, {9, 10}}), "[One.][Two.][Three.][Four.]");
  EXPECT_EQ(joined({{3, 6}}), "[One. Two.][Three.][Four.]");
  EXPECT_EQ(joined({{2, 12}, {13, 18}}), "[One. Two. Three. Four.]");
  EXPECT_EQ(joined({{4, 6}, {16, 22}}), "[One.][ Two.][Three.][ Four.]");
  EXPECT_EQ(joined({{0, 22}}), "[One. Two. Three. Four.]");
}

}  // namespace
}  // namespace tessera::engine
