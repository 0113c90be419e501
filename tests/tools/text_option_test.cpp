// Texts on the command line, and what may be done with a line of one.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tests/tools/process.h"

namespace tessera {
namespace {

using Json = nlohmann::json;

TEST(TextOptionTest, TakesTextsOfTheCommandLineForLines) {
  const std::vector<std::string> lines = {"Where is Tom?", "[Stop, please]", "",
                                          "{}", "-5 degrees"};
  std::string input;
  for (const std::string& line : lines) input += line + "\n";
  const std::string expected = RunTessera({"translate"}, input).out;
  std::vector<std::string> arguments = {"translate"};
  for (const std::string& line : lines) {
    if (line.starts_with('-')) {
      arguments.push_back("--text=" + line);
    } else {
      arguments.insert(arguments.end(), {"--text", line});
    }
  }
  EXPECT_EQ(RunTessera(arguments, "not read").out, expected);
  EXPECT_EQ(RunTessera({"translate", "--text", lines[0], "--output", "-"}).out,
            Lines(expected)[0] + "\n");
  const Outcome json =
      RunTessera({"translate", "--text", "Stop!\tnow", "--input-format", "tsv",
                  "--format", "json"});
  EXPECT_EQ(Json::parse(json.out)["fields"][1], "now");
}

TEST(TextOptionTest, NamesTheTextThatFails) {
  const Outcome outcome =
      RunTessera({"translate", "--text", "Stop!", "--text", "caf\xC3"});
  EXPECT_EQ(outcome.code, 3);
  EXPECT_TRUE(outcome.err.starts_with("tessera: text 2: ")) << outcome.err;
}

TEST(TextOptionTest, RefusesTextsBesideAFile) {
  const Outcome outcome =
      RunTessera({"translate", "--text", "Stop!", "--input", "letters.en"});
  EXPECT_EQ(outcome.code, 2);
  EXPECT_NE(outcome.err.find("--text"), std::string::npos) << outcome.err;
  EXPECT_NE(outcome.err.find("--input"), std::string::npos);
  EXPECT_EQ(Lines(outcome.err).size(), 1u);
}

// The unknown token is 1.
TEST(TextOptionTest, ReplacesUnknownTokensByWordsOfTheSource) {
  const Outcome outcome = RunTessera({"translate", "--target-prefix-ids", "1",
                                      "--replace-unknown", "--text", "☃"});
  EXPECT_TRUE(outcome.out.starts_with("☃")) << outcome.out << outcome.err;
}

TEST(TextOptionTest, TakesACoveragePenalty) {
  const auto score = [](const char* penalty) {
    const Outcome outcome =
        RunTessera({"translate", "--coverage-penalty", penalty, "--format",
                    "json", "--text", "Where is the station?"});
    return Json::parse(outcome.out)["translations"][0]["score"].get<double>();
  };
  EXPECT_LT(score("0.5"), score("0"));
  const Outcome line = RunTessera(
      {"translate", "--input-format", "jsonl", "--format", "json", "--text",
       R"({"text": "Where is the station?", "options":
           {"coverage_penalty": 0.5}})"});
  EXPECT_EQ(Json::parse(line.out)["translations"][0]["score"], score("0.5"))
      << line.err;
}

}  // namespace
}  // namespace tessera
