// Well-formed UTF-8, white space and lines.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "engine/tokenizer/text.h"

namespace tessera::engine {
namespace {

std::string EncodeUtf8(unsigned code) {
  const auto tail = [&](int shift) {
    return static_cast<char>(0x80 | ((code >> shift) & 0x3F));
  };
  if (code < 0x80) return {static_cast<char>(code)};
  if (code < 0x800) return {static_cast<char>(0xC0 | code >> 6), tail(0)};
  if (code < 0x10000) {
    return {static_cast<char>(0xE0 | code >> 12), tail(6), tail(0)};
  }
  return {static_cast<char>(0xF0 | code >> 18), tail(12), tail(6), tail(0)};
}

TEST(Utf8Test, AcceptsEveryCharacterAndNoSurrogate) {
  for (unsigned code = 0; code < 0x120000; ++code) {
    const bool character = code < 0xD800 || (code >= 0xE000 && code < 0x110000);
    const std::string text = EncodeUtf8(code);
    EXPECT_EQ(ValidUtf8Prefix(text), character ? text.size() : 0) << code;
  }
}

TEST(Utf8Test, RefusesOverlongForms) {
  for (const char* text :
       {"\xC0\x80", "\xC1\xBF", "\xE0\x80\x80", "\xE0\x9F\xBF",
        "\xF0\x80\x80\x80", "\xF0\x8F\xBF\xBF"}) {
    EXPECT_EQ(ValidUtf8Prefix(text), 0u);
  }
}

TEST(Utf8Test, FindsTheFirstByteThatIsNotUtf8) {
  EXPECT_EQ(ValidUtf8Prefix(""), 0u);
  EXPECT_EQ(ValidUtf8Prefix("abc"), 3u);
  EXPECT_EQ(ValidUtf8Prefix("ab\x80"), 2u);
  EXPECT_EQ(ValidUtf8Prefix("é\xC3"), 2u);
  EXPECT_EQ(ValidUtf8Prefix("é\xE2\x96"), 2u);
  EXPECT_EQ(ValidUtf8Prefix("é\xF0\x9F\x98z"), 2u);
  EXPECT_EQ(ValidUtf8Prefix(std::string_view("a\0b\xFF", 4)), 3u);
}

TEST(Utf8Test, StripsAllWhiteSpaceOfUnicode) {
  EXPECT_EQ(StripSpace(""), "");
  EXPECT_EQ(StripSpace(" \t\n"), "");
  EXPECT_EQ(StripSpace("\u00A0\u3000a b\u2028\u2003 "), "a b");
  EXPECT_EQ(StripSpace("\u200Ba\u200B"), "\u200Ba\u200B");  // not white space
}

using Parts = std::vector<std::string_view>;

TEST(Utf8Test, SplitsAtAllWhiteSpaceOfUnicode) {
  EXPECT_EQ(SplitSpace(""), Parts{});
  EXPECT_EQ(SplitSpace(" \u3000\n"), Parts{});
  EXPECT_EQ(SplitSpace("word"), Parts{"word"});
  EXPECT_EQ(SplitSpace(" a  b\u00A0\u0085c\x1F"
                       "d\u200Be "),
            (Parts{"a", "b", "c", "d\u200Be"}));
}

// U+00C5 and U+2581 hold the bytes 0x85 and 0xE2 of white space.
TEST(Utf8Test, FindsNoSpaceInsideOfACharacter) {
  EXPECT_EQ(SplitSpace("\u00C5\u2581 b"), (Parts{"\u00C5\u2581", "b"}));
  EXPECT_EQ(SplitLines("\u00C5\u2581\nb"), (Parts{"\u00C5\u2581", "b"}));
}

TEST(Utf8Test, SplitsLinesAtEveryEndOfPython) {
  EXPECT_EQ(SplitLines(""), Parts{});
  EXPECT_EQ(SplitLines("\n"), Parts{""});
  EXPECT_EQ(SplitLines("a\n\nb\n"), (Parts{"a", "", "b"}));
  EXPECT_EQ(SplitLines("a\r\nb\rc\n\rd"), (Parts{"a", "b", "c", "", "d"}));
  EXPECT_EQ(SplitLines("a\vb\fc\x1C"
                       "d\x1D"
                       "e\x1E"
                       "f\u0085g\u2028h\u2029i"),
            (Parts{"a", "b", "c", "d", "e", "f", "g", "h", "i"}));
  EXPECT_EQ(SplitLines("a\x1F"
                       "b\tc d"),
            Parts{"a\x1F"
                  "b\tc d"});
}

}  // namespace
}  // namespace tessera::engine
