// Subtitles in, subtitles out.
#include "tools/tessera/formats/srt.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/tools/blocks.h"
#include "tests/tools/process.h"
#include "tests/tools/refusal.h"

namespace tessera::tools {
namespace {

using Words = std::vector<std::string>;

std::vector<Block> Parse(const std::string& bytes) {
  return BlocksOf("srt", bytes);
}

constexpr const char* kFilm =
    "\xEF\xBB\xBF"
    "1\r\n00:00:01,000 --> 00:00:02,500\r\n{\\an8}<i>Where is\r\nthe "
    "station?</i>\r\n\r\n"
    "2\r\n00:00:03,000 --> 00:00:04,000 X1:1 X2:2\r\n- Hello!\r\n- I am "
    "tired.\r\n\r\n\r\n"
    "3\r\n00:00:05.000-->00:00:06.000\r\n<i>\u266A ...</i> \u266A\r\n"
    "4\r\n00:00:07,000 --> 00:00:08,000\r\n\r\n"
    "00:00:09,000 --> 00:00:10,000\r\nYes.";

TEST(SrtTest, TakesTheTextOfCuesAlone) {
  EXPECT_EQ(Bracketed("srt", kFilm),
            "\xEF\xBB\xBF"
            "1\r\n00:00:01,000 --> 00:00:02,500\r\n[{\\an8}<i>Where is\r\nthe "
            "station?</i>]\r\n\r\n"
            "2\r\n00:00:03,000 --> 00:00:04,000 X1:1 X2:2\r\n- [Hello!]\r\n- "
            "[I am tired.]\r\n\r\n\r\n"
            "3\r\n00:00:05.000-->00:00:06.000\r\n<i>\u266A ...</i> \u266A\r\n"
            "4\r\n00:00:07,000 --> 00:00:08,000\r\n\r\n"
            "00:00:09,000 --> 00:00:10,000\r\n[Yes.]");
}

TEST(SrtTest, PassesOnWhatIsNoCue) {
  const std::string bytes =
      "WEBVTT\n\n1\n00:00:01,000 -> 00:00:02,000\nA b.\n\n2\n\n3\n00:00:05,000 "
      "--> 00:00:06,000\nC d.\n";
  std::vector<std::string> errors;
  std::string all;
  for (const Block& block : Parse(bytes)) {
    all += block.bytes;
    if (!block.error.empty()) {
      errors.push_back(std::to_string(block.line) + ": " + block.error);
    }
  }
  EXPECT_EQ(all, bytes);
  const std::string times =
      "a line of times as 00:01:02,500 --> 00:01:04,000, found ";
  EXPECT_EQ(errors,
            (Words{"1: want a cue's number or " + times + "\"WEBVTT\"",
                   "4: want " + times + "\"00:00:01,000 -> 00:00:02,000\"",
                   "8: want " + times + "none"}));
  EXPECT_EQ(Bracketed("srt", bytes),
            bytes.substr(0, bytes.size() - 5) + "[C d.]\n");
}

// Wherever a file breaks off: all of it is there, and what is whole is read.
TEST(SrtTest, TakesAFileThatBreaksOffAnywhere) {
  const std::string film = kFilm;
  for (std::size_t size = 0; size <= film.size(); ++size) {
    const std::string bytes = film.substr(0, size);
    std::string all;
    for (const Block& block : Parse(bytes)) {
      all += block.bytes;
      EXPECT_TRUE(block.error.empty() || block.line > 0);
      if (!block.texts.empty()) {
        EXPECT_NE(block.write(block.texts), "");
      }
    }
    EXPECT_EQ(all, bytes);
    std::string damaged = film;
    if (size < film.size()) damaged[size] ^= 0x15;
    all.clear();
    for (const Block& block : Parse(damaged)) all += block.bytes;
    EXPECT_EQ(all, damaged);
  }
}

TEST(SrtTest, BreaksLinesOfAboutTheSameWidth) {
  EXPECT_EQ(BreakLines("one two three four", 2),
            (Words{"one two", "three four"}));
  EXPECT_EQ(BreakLines("one two three four", 1), (Words{"one two three four"}));
  EXPECT_EQ(BreakLines("one two three", 3), (Words{"one", "two", "three"}));
  EXPECT_EQ(BreakLines("one", 2), (Words{"one"}));
  EXPECT_EQ(BreakLines("", 2), (Words{""}));
  EXPECT_EQ(BreakLines("<font color=\"red\">o e</font>", 2),
            (Words{"<font color=\"red\">o", "e</font>"}));
  EXPECT_EQ(BreakLines("\u00E9\u00E9\u00E9 \u00E9\u00E9 abc de", 2),
            (Words{"\u00E9\u00E9\u00E9 \u00E9\u00E9", "abc de"}));
}

std::string Translated(const std::string& line, Words more = {}) {
  more.insert(more.begin(), "translate");
  return Lines(RunTessera(more, line + "\n").out)[0];
}

TEST(SrtTest, TranslatesAFilm) {
  const std::string film =
      "1\n00:00:01,000 --> 00:00:02,500\n{\\an8}<i>Where is the "
      "station?</i>\n\n"
      "x\n\n"
      "2\n00:00:03,000 --> 00:00:04,000\n- Hello!\n- I am tired.\n\n"
      "3\n00:00:05,000 --> 00:00:06,000\ncaf\xC3\n\n"
      "4\n00:00:07,000 --> 00:00:08,000\nTom is\nmy brother.";
  const Outcome outcome =
      RunTessera({"translate", "--input-format", "srt"}, film);
  EXPECT_EQ(outcome.code, 3);
  EXPECT_EQ(outcome.err,
            "tessera: line 5: want a cue's number or a line of times as "
            "00:01:02,500 --> 00:01:04,000, found \"x\"\n"
            "tessera: line 14: want UTF-8, found byte 0xC3 at offset 3\n");
  EXPECT_EQ(outcome.out,
            "1\n00:00:01,000 --> 00:00:02,500\n" +
                Translated("{\\an8}<i>Where is the station?</i>",
                           {"--keep-placeholders"}) +
                "\n\nx\n\n"
                "2\n00:00:03,000 --> 00:00:04,000\n- " +
                Translated("Hello!") + "\n- " + Translated("I am tired.") +
                "\n\n"
                "3\n00:00:05,000 --> 00:00:06,000\ncaf\xC3\n\n"
                "4\n00:00:07,000 --> 00:00:08,000\nTom est\nmon fr\u00E8re.");
  EXPECT_NE(outcome.out.find("{\\an8}<i>"), std::string::npos);
}

TEST(SrtTest, RefusesWhatIsNoFileOfItsFormat) {
  for (const Words& other :
       {Words{"--format", "json"}, Words{"--column", "1"},
        Words{"--alignments", "hard"}, Words{"--n-best", "2"},
        Words{"--stream"}, Words{"--resume", "--output", "x"}}) {
    Words all = {"translate", "--input-format", "srt"};
    all.insert(all.end(), other.begin(), other.end());
    ExpectRefusal(RunTessera(all, ""), other[0]);
  }
  ExpectRefusal(RunTessera({"translate", "--input-format", "srt"},
                           std::string(1'100'000, 'a')),
                "1048576");
}

}  // namespace
}  // namespace tessera::tools
