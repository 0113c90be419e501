// Which outputs `tessera translate` looks for, and what it tells of them.
#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tests/tools/process.h"
#include "tests/tools/refusal.h"

namespace tessera {
namespace {

using Json = nlohmann::json;

TEST(OutputsTest, WritesAlignments) {
  const std::string text = "Tom left. Where is he?\n";
  const std::string plain = Lines(RunTessera({"translate"}, text).out)[0];
  const std::string hard =
      Lines(RunTessera({"translate", "--alignments", "hard"}, text).out)[0];
  EXPECT_TRUE(hard.starts_with(plain + " ||| ")) << hard;
  const Json line = Json::parse(
      RunTessera({"translate", "--alignments", "hard", "--format", "json"},
                 text)
          .out);
  std::string pairs;
  for (const Json& pair : line["translations"][0]["alignment"]) {
    pairs.append(pairs.empty() ? "" : " ");
    pairs.append(pair[0].dump()).append("-").append(pair[1].dump());
  }
  EXPECT_EQ(hard, plain + " ||| " + pairs);
  const Json soft = Json::parse(
      RunTessera({"translate", "--alignments", "soft", "--format", "json"},
                 "Tom left.\n")
          .out);
  for (const Json& translation : soft["translations"]) {
    ASSERT_EQ(translation["attention"].size(), translation["ids"].size());
    ASSERT_EQ(translation["attention"][0].size(), soft["source_pieces"].size());
  }
  ExpectRefusal(
      RunTessera(
          {"translate", "--alignments", "hard", "--alignment-layer", "99"}, ""),
      "alignment_layer");
}

TEST(OutputsTest, ObeysTheLongestOutputAsked) {
  const Outcome outcome =
      RunTessera({"translate", "--format", "json", "--max-length", "4"},
                 "I have no idea what you mean by that.\n");
  EXPECT_EQ(outcome.code, 0);
  // The start token, which is not shown, counts.
  EXPECT_LE(Json::parse(outcome.out)["translations"][0]["ids"].size(), 3u);
}

TEST(OutputsTest, WritesTheBestOutputsWithTheirLinesAndScores) {
  const std::string input = "Where is the station?\n\nThank you.\n";
  const std::vector<std::string> best =
      Lines(RunTessera({"translate"}, input).out);
  const Outcome outcome = RunTessera({"translate", "--n-best", "3"}, input);
  EXPECT_EQ(outcome.code, 0);
  const std::vector<std::string> lines = Lines(outcome.out);
  ASSERT_EQ(lines.size(), 7u);
  EXPECT_TRUE(lines[0].starts_with("0 ||| " + best[0] + " ||| -")) << lines[0];
  EXPECT_TRUE(lines[2].starts_with("0 ||| ")) << lines[2];
  EXPECT_EQ(lines[3], "1 |||  ||| 0");
  EXPECT_TRUE(lines[4].starts_with("2 ||| " + best[2] + " ||| -")) << lines[4];
}

TEST(OutputsTest, WritesAlignmentsOfTheBestOutputs) {
  const std::string input = "Where is the station?\n";
  const std::vector<std::string> best =
      Lines(RunTessera({"translate", "--alignments", "hard"}, input).out);
  const std::vector<std::string> lines = Lines(
      RunTessera({"translate", "--n-best", "2", "--alignments", "hard"}, input)
          .out);
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_TRUE(lines[0].starts_with("0 ||| " + best[0] + " ||| -")) << lines[0];
  ExpectRefusal(
      RunTessera({"translate", "--n-best", "2", "--input-format", "tsv"},
                 input),
      "--n-best");
  ExpectRefusal(
      RunTessera({"translate", "--alternatives", "2", "--stream"}, input),
      "--alternatives");
}

TEST(OutputsTest, TakesWordsThatOutputsBeginWithHaveAndLack) {
  const std::string input = "Where is the station? I am tired.\n";
  const auto run = [&](std::vector<std::string> options) {
    options.insert(options.begin(), {"translate", "--split", "none"});
    const Outcome outcome = RunTessera(options, input);
    EXPECT_EQ(outcome.code, 0) << outcome.err;
    return outcome.out;
  };
  const std::string led = run({"--target-prefix", "La gare est"});
  EXPECT_TRUE(led.starts_with("La gare est")) << led;
  const std::string with =
      run({"--required-words", "chat", "--required-words", "train"});
  EXPECT_NE(with.find("chat"), std::string::npos) << with;
  EXPECT_NE(with.find("train"), std::string::npos) << with;
  const std::string plain = run({});
  const std::string word = plain.substr(0, plain.find(' '));
  const std::string without = run({"--bad-words", word});
  EXPECT_FALSE(without.starts_with(word + " ")) << without;
  const Outcome object = RunTessera(
      {"translate", "--input-format", "jsonl", "--format", "json"},
      R"({"text":"Where is the station? I am tired.",)"
      R"("options":{"target_prefix_text":"La gare est","split":"none"}})");
  EXPECT_EQ(
      Json::parse(object.out)["translations"][0]["text"].get<std::string>() +
          "\n",
      led);
  ExpectRefusal(RunTessera({"translate", "--target-prefix", "a",
                            "--target-prefix-ids", "5"},
                           input),
                "target_prefix_text");
  ExpectRefusal(RunTessera({"translate", "--required-words", " "}, input),
                "required_texts");
  ExpectRefusal(RunTessera({"translate", "--bad-words", "\xff"}, input),
                "bad_texts");
}

// The tokens of options, and their defaults, in a search of each kind.
TEST(OutputsTest, TakesListsOfTokensAsIds) {
  const std::string input = "Where is the station?\n";
  const auto ids = [&](std::vector<std::string> options) {
    options.insert(options.begin(), {"translate", "--format", "json"});
    const Outcome outcome = RunTessera(options, input);
    EXPECT_EQ(outcome.code, 0) << outcome.err;
    return Json::parse(outcome.out)["translations"][0]["ids"]
        .get<std::vector<int>>();
  };
  const std::vector<int> plain = ids({});
  ASSERT_GE(plain.size(), 4u);
  const std::string pair =
      std::to_string(plain[1]) + "," + std::to_string(plain[2]);
  EXPECT_NE(ids({"--bad-words-ids", pair}), plain);
  EXPECT_EQ(ids({"--bad-words-ids", pair, "--bad-words-ids", "5"}),
            ids({"--bad-words-ids", "5", "--bad-words-ids", pair}));
  EXPECT_NE(ids({"--sequence-bias", pair + ":-20"}), plain);
  EXPECT_NE(ids({"--suppress-tokens", pair}), plain);
  EXPECT_EQ(ids({"--target-prefix-ids", "17," + pair})[0], 17);
  const std::vector<int> with =
      ids({"--required-words-ids", "17,23", "--beam-size", "6"});
  const std::vector<int> word = {17, 23};
  EXPECT_NE(std::search(with.begin(), with.end(), word.begin(), word.end()),
            with.end());
  EXPECT_EQ(ids({"--sample", "--beam-size", "1", "--seed", "3"}),
            ids({"--sample", "--beam-size", "1", "--seed", "3"}));
}

}  // namespace
}  // namespace tessera
