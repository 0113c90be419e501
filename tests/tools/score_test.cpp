// `tessera score` as people and scripts use it.
#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <numeric>
#include <string>
#include <vector>

#include "tests/tools/process.h"

namespace tessera {
namespace {

using Json = nlohmann::json;

TEST(ScoreTest, WritesTotalPerplexityAndLogProbabilities) {
  const Outcome outcome =
      RunTessera({"score"}, "Stop!\tArrêtez !\nStop!\tLe chat dort.\n");
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  std::vector<double> totals;
  for (const std::string& line : Lines(outcome.out)) {
    const std::size_t tab = line.find('\t');
    const std::size_t second = line.find('\t', tab + 1);
    ASSERT_NE(second, std::string::npos) << line;
    const double total = std::stod(line);
    double sum = 0;
    int count = 0;
    for (std::size_t at = second; at != std::string::npos;
         at = line.find(' ', at + 1)) {
      sum += std::stod(line.substr(at + 1));
      ++count;
    }
    EXPECT_NEAR(total, sum, 1e-4);
    EXPECT_NEAR(std::stod(line.substr(tab + 1)), std::exp(-sum / count), 1e-3);
    totals.push_back(total);
  }
  ASSERT_EQ(totals.size(), 2u);
  EXPECT_GT(totals[0], totals[1]);
}

TEST(ScoreTest, AgreesWithTheTranslationsOfTranslate) {
  const Json translated = Json::parse(
      RunTessera({"translate", "--format", "json"}, "Where is the station?\n")
          .out);
  const Json& best = translated["translations"][0];
  const Outcome outcome =
      RunTessera({"score", "--format", "json"},
                 "Where is the station?\t" + best["text"].get<std::string>());
  const Json line = Json::parse(outcome.out);
  EXPECT_EQ(line["source"], "Where is the station?");
  EXPECT_EQ(line["target"], best["text"]);
  ASSERT_EQ(line["ids"], best["ids"]);
  EXPECT_EQ(line["pieces"], best["pieces"]);
  for (std::size_t i = 0; i < best["log_probs"].size(); ++i) {
    EXPECT_NEAR(line["log_probs"][i].get<double>(),
                best["log_probs"][i].get<double>(), 1e-5);
  }
}

TEST(ScoreTest, LeavesALineThatFailsEmptyAndGoesOn) {
  const Outcome outcome = RunTessera(
      {"score"}, "Stop!\n\nStop!\tArrêtez !\na\tb\tc\ncaf\xC3\tcafé\n");
  EXPECT_EQ(outcome.code, 3);
  const std::vector<std::string> lines = Lines(outcome.out);
  ASSERT_EQ(lines.size(), 5u);
  EXPECT_EQ(lines[0], "");
  EXPECT_NE(lines[2], "");
  EXPECT_EQ(lines[4], "");
  EXPECT_EQ(
      outcome.err,
      "tessera: line 1: want source, tab, target, found no tab\n"
      "tessera: line 2: want source, tab, target, found no tab\n"
      "tessera: line 4: want source, tab, target, found more than one tab\n"
      "tessera: line 5: want UTF-8, found byte 0xC3 at offset 3\n");
}

TEST(ScoreTest, AnswersWhileTheInputStaysOpen) {
  Conversation program({"score"});
  program.Send("Stop!\tArrêtez !\n");
  EXPECT_NE(program.ReadLine(std::chrono::seconds(60)), "");
  program.CloseInput();
  EXPECT_EQ(program.Wait(), 0);
}

TEST(ScoreTest, TakesTextsOfTheCommandLineForLines) {
  const std::string pair = "Stop!\tArrêtez !";
  const std::string expected = RunTessera({"score"}, pair + "\n").out;
  EXPECT_EQ(RunTessera({"score", "--text", pair, "--text", pair}).out,
            expected + expected);
  const Outcome both = RunTessera({"score", "--text", pair, "--input", "-"});
  EXPECT_EQ(both.code, 2);
  EXPECT_NE(both.err.find("--text"), std::string::npos) << both.err;
  EXPECT_NE(both.err.find("--input"), std::string::npos) << both.err;
}

}  // namespace
}  // namespace tessera
