// Columns of characters that are not one column wide, or none at all.
#include "tools/tessera/terminal_text.h"

#include <gtest/gtest.h>

namespace tessera::tools {
namespace {

TEST(TerminalTextTest, CountsColumnsNotBytes) {
  EXPECT_EQ(Columns(""), 0u);
  EXPECT_EQ(Columns("abc"), 3u);
  EXPECT_EQ(Columns("▁Où"), 3u);
  EXPECT_EQ(Columns("cafe\u0301"), 4u);    // a combining accent
  EXPECT_EQ(Columns("\u99C5\uFF01"), 4u);  // wide, full-width
  EXPECT_EQ(Columns("\U0001F600"), 2u);    // an emoji
  EXPECT_EQ(Columns("\u0915\u094D"), 1u);  // a virama
}

TEST(TerminalTextTest, ReplacesWhatMovesTheCursorOrCannotBeSeen) {
  EXPECT_EQ(Printable("a b\u00E9\u99C5"), "a b\u00E9\u99C5");
  for (const char* text :
       {"\n", "\r", "\t", "\x1B", "\x7F", "\u0085", "\u200B", "\u202E",
        "\u2028", "\uFEFF", "\uE000", "\xFF", "\xC3"}) {
    EXPECT_EQ(Printable(text), "\uFFFD") << text;
  }
  EXPECT_EQ(Printable(std::string_view("\0x", 2)), "\uFFFDx");
  EXPECT_EQ(Printable("\xE2\x82"), "\uFFFD\uFFFD");
}

TEST(TerminalTextTest, CutsAtWholeCharacters) {
  EXPECT_EQ(Shortened("abc", 3), "abc");
  EXPECT_EQ(Shortened("abcd", 3), "ab…");
  EXPECT_EQ(Shortened("\u99C5\u99C5", 3), "\u99C5…");
  EXPECT_EQ(Shortened("cafe\u0301s", 5), "cafe\u0301s");
  EXPECT_EQ(Shortened("cafe\u0301s", 4), "caf…");
}

TEST(TerminalTextTest, Aligns) {
  EXPECT_EQ(RightAligned("\u99C5", 4), "  \u99C5");
  EXPECT_EQ(LeftAligned("\u99C5", 4), "\u99C5  ");
  EXPECT_EQ(RightAligned("abcd", 3), "abcd");
  EXPECT_EQ(LeftAligned("abcd", 3), "abcd");
}

}  // namespace
}  // namespace tessera::tools
