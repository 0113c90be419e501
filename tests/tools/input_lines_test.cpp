// Where lines of an input end, what their bytes stand for, and how many may
// fail.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tests/tools/process.h"
#include "tests/tools/text.h"

namespace tessera {
namespace {

using Json = nlohmann::json;

TEST(InputLinesTest, TwoCodesTellSomeLinesFromNothing) {
  const std::pair<std::string, int> inputs[] = {
      {"Hello!\n", 0},          {"", 0},          {"caf\xE9\nHello!\n", 3},
      {"Hello!\ncaf\xE9\n", 3}, {"caf\xE9\n", 2}, {"\xFF\n\xFE\n", 2},
      {"\n\xFF\n", 3}};
  for (const auto& [input, code] : inputs) {
    EXPECT_EQ(RunTessera({"translate"}, input).code, code) << input;
    EXPECT_EQ(RunTessera({"translate", "--format", "json"}, input).code, code);
  }
  EXPECT_EQ(RunTessera({"translate", "--input", "/nonexistent"}).code, 2);
}

TEST(InputLinesTest, TellsOfTheFirstLinesThatFailAndCountsTheRest) {
  const Outcome outcome = RunTessera({"translate", "--format", "json"},
                                     Repeated("caf\xE9\n", 5000));
  EXPECT_EQ(outcome.code, 2);
  EXPECT_EQ(Lines(outcome.out).size(), 5000u);
  const std::vector<std::string> messages = Lines(outcome.err);
  ASSERT_EQ(messages.size(), 11u);
  for (std::size_t i = 0; i < 10; ++i) {
    EXPECT_TRUE(messages[i].starts_with("tessera: line " +
                                        std::to_string(i + 1) + ": "));
  }
  EXPECT_EQ(messages[10], "tessera: 4990 more lines failed or were cut");
  EXPECT_EQ(Lines(RunTessera({"translate"}, Repeated("\xE9\n", 10)).err).size(),
            10u);
}

std::string Wide(std::string_view text, bool little) {
  std::string wide;
  for (const char c : text) {
    wide += little ? std::string{c, '\0'} : std::string{'\0', c};
  }
  return wide;
}

TEST(InputLinesTest, NamesUtf16OnceAndTranslatesNothing) {
  const std::string text = "I am tired.\nTom left.\nIt is raining.\n";
  const std::string zero(2, '\0');
  const std::pair<std::string, const char*> inputs[] = {
      {Wide(text, true), "UTF-16LE"},
      {Wide(text, false), "UTF-16BE"},
      {"\xFF\xFE" + Wide(text, true), "UTF-16LE"},
      {"\xFE\xFF" + Wide(text, false), "UTF-16BE"},
      {Wide("Hi\n", true), "UTF-16LE"},
      {"\xFF\xFE" + zero + "a" + zero, "UTF-32LE"},
      {zero + "\xFE\xFF" + zero, "UTF-32BE"}};
  for (const auto& [input, encoding] : inputs) {
    const Outcome outcome = RunTessera({"translate"}, input);
    EXPECT_EQ(outcome.code, 2);
    EXPECT_EQ(outcome.out, "");
    EXPECT_EQ(Lines(outcome.err).size(), 1u) << outcome.err;
    ExpectContains(outcome.err, std::string("found ") + encoding);
  }
  // A NUL or two make no other encoding.
  const std::string nul(1, '\0');
  for (const std::string& input :
       {"a" + nul + "b\n", nul + "\n" + nul + "\n", Repeated("a ", 50) + nul}) {
    EXPECT_EQ(RunTessera({"translate"}, input).out.find("UTF"),
              std::string::npos);
    EXPECT_EQ(RunTessera({"translate"}, input).err.find("UTF-16"),
              std::string::npos);
  }
}

TEST(InputLinesTest, AByteOrderMarkAloneIsNoLine) {
  const std::string mark = "\xEF\xBB\xBF";
  EXPECT_EQ(RunTessera({"translate"}, mark).out, "");
  EXPECT_EQ(RunTessera({"translate", "--format", "json"}, mark).out, "");
  EXPECT_EQ(RunTessera({"translate"}, mark + "\n").out, "\n");
  EXPECT_EQ(Lines(RunTessera({"translate"}, "\n" + mark).out).size(), 2u);
}

TEST(InputLinesTest, OnlyLineFeedsEndLinesOfJson) {
  const std::string text = "Tom\u2028left\u0085now\u2029here";
  const Outcome line = RunTessera({"translate", "--format", "json"}, text);
  const Outcome report = RunTessera({"attention", "--format", "json",
                                     "--attention", "cross", "--text", text});
  const Outcome object =
      RunTessera({"translate", "--input-format", "jsonl"},
                 Json{{"text", "Tom."}, {"note", text}}.dump() + "\n");
  const Outcome score =
      RunTessera({"score", "--format", "json"}, text + "\tTom.");
  EXPECT_EQ(Json::parse(object.out)["note"], text);
  EXPECT_EQ(Json::parse(score.out)["source"], text);
  for (const std::string& json :
       {line.out, report.out, object.out, score.out}) {
    for (const char* end : {"\u2028", "\u2029", "\u0085"}) {
      EXPECT_EQ(json.find(end), std::string::npos);
    }
  }
  EXPECT_EQ(Json::parse(line.out)["source"], text);
  EXPECT_EQ(Json::parse(report.out)["text"], text);
}

}  // namespace
}  // namespace tessera
