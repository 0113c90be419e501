// `tessera translate` as people and scripts use it.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <numeric>
#include <string>
#include <vector>

#include "tests/tools/process.h"

namespace tessera {
namespace {

using Json = nlohmann::json;

constexpr std::size_t kSentences = 20;  // of the golden file
constexpr double kMaxScoreError = 1e-4;
constexpr std::chrono::seconds kAnswerTime{60};

const std::filesystem::path kGolden =
    std::filesystem::path(TESSERA_SOURCE_DIR) / "tests/golden/bundled";

const Json& Golden() {
  static const Json golden = Json::parse(ReadFile(kGolden / "golden.json"));
  return golden;
}

std::vector<std::string> Sentences() {
  std::vector<std::string> all = Lines(ReadFile(kGolden / "sentences.txt"));
  all.resize(kSentences);
  return all;
}

std::string Joined(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) text += line + "\n";
  return text;
}

std::string GoldenText(const char* search) {
  std::string text;
  for (std::size_t i = 0; i < kSentences; ++i) {
    text += Golden()[search][i]["text"].get<std::string>() + "\n";
  }
  return text;
}

// An error of use: code 2, one line on standard error, no output.
void ExpectRefusal(const Outcome& outcome, const std::string& message) {
  EXPECT_EQ(outcome.code, 2);
  EXPECT_EQ(outcome.out, "");
  EXPECT_EQ(std::count(outcome.err.begin(), outcome.err.end(), '\n'), 1);
  EXPECT_TRUE(outcome.err.starts_with("tessera: ")) << outcome.err;
  EXPECT_NE(outcome.err.find(message), std::string::npos) << outcome.err;
}

TEST(TranslateTest, TranslatesStandardInput) {
  const Outcome outcome = RunTessera({"translate"}, Joined(Sentences()));
  EXPECT_EQ(outcome.code, 0);
  EXPECT_EQ(outcome.out, GoldenText("beam4"));
  EXPECT_EQ(outcome.err, "");
}

TEST(TranslateTest, TranslatesAFileIntoAFile) {
  const TestFolder folder;
  const std::string input = folder.Write("in.txt", Joined(Sentences()));
  const std::string output = folder.Write("out.txt", "what was there before");
  const Outcome outcome = RunTessera(
      {"translate", "--beam-size", "1", "--input", input, "--output", output});
  EXPECT_EQ(outcome.code, 0);
  EXPECT_EQ(outcome.out, "");
  EXPECT_EQ(ReadFile(output), GoldenText("greedy"));
}

TEST(TranslateTest, WritesAJsonObjectALine) {
  const std::vector<std::string> sentences = Sentences();
  const Outcome outcome =
      RunTessera({"translate", "--format", "json", "--precision", "f32"},
                 Joined(sentences));
  EXPECT_EQ(outcome.code, 0);
  const std::vector<std::string> lines = Lines(outcome.out);
  ASSERT_EQ(lines.size(), sentences.size());
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const Json line = Json::parse(lines[i]);
    const Json& golden = Golden()["beam4"][i];
    EXPECT_EQ(line["source"], sentences[i]);
    ASSERT_FALSE(line["translations"].empty());
    const Json& best = line["translations"][0];
    EXPECT_EQ(best["text"], golden["text"]);
    EXPECT_EQ(best["ids"], golden["ids"]);
    EXPECT_NEAR(best["score"].get<double>(), golden["score"].get<double>(),
                kMaxScoreError);
    EXPECT_EQ(best["pieces"].size(), golden["ids"].size());
    EXPECT_EQ(best["pieces"].back(), "</s>");
    EXPECT_EQ(best["log_probs"].size(), golden["ids"].size());
  }
}

TEST(TranslateTest, ScoresGreedySearchByTheSumOfLogProbabilities) {
  const Outcome outcome = RunTessera(
      {"translate", "--format", "json", "--beam-size", "1"}, "Hello!\n");
  const Json best = Json::parse(outcome.out)["translations"][0];
  const auto log_probs = best["log_probs"].get<std::vector<double>>();
  EXPECT_NEAR(best["score"].get<double>(),
              std::accumulate(log_probs.begin(), log_probs.end(), 0.0), 1e-5);
}

TEST(TranslateTest, TellsInJsonWhyALineFailed) {
  const Outcome outcome =
      RunTessera({"translate", "--format", "json"}, "caf\xC3\n");
  EXPECT_EQ(outcome.code, 2);
  const Json line = Json::parse(outcome.out);
  EXPECT_EQ(line["source"], "caf\uFFFD");
  EXPECT_EQ(line["translations"], Json::array());
  EXPECT_EQ(line["error"], "want UTF-8, found byte 0xC3 at offset 3");
}

TEST(TranslateTest, KnowsLineEndsAndTheByteOrderMark) {
  const std::string plain =
      RunTessera({"translate"}, "Hello!\nTom left.\n").out;
  EXPECT_EQ(Lines(plain).size(), 2u);
  for (const char* input :
       {"Hello!\r\nTom left.\r\n", "Hello!\nTom left.",
        "\xEF\xBB\xBFHello!\nTom left.\n", "Hello!\r\nTom left.\r"}) {
    EXPECT_EQ(RunTessera({"translate"}, input).out, plain) << input;
  }
}

TEST(TranslateTest, KeepsEmptyLines) {
  const Outcome outcome = RunTessera({"translate"}, "\nHello!\n\n \t \n");
  EXPECT_EQ(outcome.code, 0);
  const std::vector<std::string> lines = Lines(outcome.out);
  ASSERT_EQ(lines.size(), 4u);
  EXPECT_EQ(lines[0], "");
  EXPECT_NE(lines[1], "");
  EXPECT_EQ(lines[2], "");
  EXPECT_EQ(lines[3], "");
  EXPECT_EQ(RunTessera({"translate"}, "").out, "");
}

TEST(TranslateTest, PassesOnManyEmptyLines) {
  const std::string input(100'000, '\n');
  const Outcome outcome = RunTessera({"translate"}, input);
  EXPECT_EQ(outcome.code, 0);
  EXPECT_TRUE(outcome.out == input);
}

TEST(TranslateTest, LeavesALineThatFailsEmptyAndGoesOn) {
  std::string too_long;
  for (int i = 0; i < 600; ++i) too_long += "word ";
  const std::string huge((std::size_t{1} << 20) + 1, 'a');
  const Outcome outcome =
      RunTessera({"translate"}, Joined({"Hello!", "caf\xC3", "Hello!", too_long,
                                        "Hello!", huge, "Hello!"}));
  EXPECT_EQ(outcome.code, 3);
  const std::vector<std::string> lines = Lines(outcome.out);
  ASSERT_EQ(lines.size(), 7u);
  EXPECT_NE(lines[0], "");
  for (const std::size_t same : {2u, 4u, 6u}) EXPECT_EQ(lines[same], lines[0]);
  for (const std::size_t failed : {1u, 3u, 5u}) EXPECT_EQ(lines[failed], "");

  const std::vector<std::string> messages = Lines(outcome.err);
  ASSERT_EQ(messages.size(), 3u);
  EXPECT_EQ(messages[0],
            "tessera: line 2: want UTF-8, found byte 0xC3 at offset 3");
  EXPECT_TRUE(messages[1].starts_with("tessera: line 4: ")) << messages[1];
  EXPECT_NE(messages[1].find("601"), std::string::npos) << messages[1];
  EXPECT_NE(messages[1].find("512"), std::string::npos) << messages[1];
  EXPECT_EQ(messages[2],
            "tessera: line 6: want at most 1048576 bytes, found more");
}

TEST(TranslateTest, ObeysTheLongestOutputAsked) {
  const Outcome outcome =
      RunTessera({"translate", "--format", "json", "--max-length", "4"},
                 "I have no idea what you mean by that.\n");
  EXPECT_EQ(outcome.code, 0);
  // The start token, which is not shown, counts.
  EXPECT_LE(Json::parse(outcome.out)["translations"][0]["ids"].size(), 3u);
}

TEST(TranslateTest, WritesTheBestOutputsWithTheirLinesAndScores) {
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

// The tokens of options, and their defaults, in a search of each kind.
TEST(TranslateTest, TakesListsOfTokensAsIds) {
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
  EXPECT_FALSE(std::ranges::search(with, word).empty());
  EXPECT_EQ(ids({"--sample", "--beam-size", "1", "--seed", "3"}),
            ids({"--sample", "--beam-size", "1", "--seed", "3"}));
}

TEST(TranslateTest, AnswersWhileInputStaysOpen) {
  const std::string expected = RunTessera({"translate"}, "Hello!\n").out;
  Conversation conversation({"translate"});
  for (int round = 0; round < 3; ++round) {
    conversation.Send("Hello!\n");
    EXPECT_EQ(conversation.ReadLine(kAnswerTime), expected);
  }
  conversation.Send("Hel");
  conversation.Send("lo!");
  conversation.CloseInput();
  EXPECT_EQ(conversation.ReadLine(kAnswerTime), expected);
  EXPECT_EQ(conversation.Wait(), 0);
}

TEST(TranslateTest, EndsWithCode2WhenItsReaderLeaves) {
  Conversation conversation({"translate"});
  conversation.CloseOutput();
  conversation.Send("Hello!\n");
  conversation.CloseInput();
  EXPECT_EQ(conversation.Wait(), 2);
}

TEST(TranslateTest, SaysThatTheDiskIsFull) {
  ExpectRefusal(RunTessera({"translate", "--output", "/dev/full"}, "Hello!\n"),
                "/dev/full: want to write, found: No space left on device");
}

TEST(TranslateTest, DoesNotOverwriteItsInput) {
  const TestFolder folder;
  const std::string file = folder.Write("text", "Hello!\n");
  ExpectRefusal(RunTessera({"translate", "--input", file, "--output", file}),
                "want an output file, found the input");
  EXPECT_EQ(ReadFile(file), "Hello!\n");
}

TEST(TranslateTest, LeavesTheOutputFileAloneUntilThereIsSomethingToWrite) {
  const TestFolder folder;
  const std::string file = folder.Write("text", "precious\n");
  RunTessera({"translate", "--output", file, "--model", folder.Path("none")});
  RunTessera({"translate", "--output", file, "--length-penalty", "nan"});
  EXPECT_EQ(ReadFile(file), "precious\n");
}

TEST(TranslateTest, TellsProgressOnRequest) {
  const Outcome outcome =
      RunTessera({"translate", "--progress"}, "Hello!\nHello!\n");
  EXPECT_EQ(outcome.code, 0);
  const std::vector<std::string> messages = Lines(outcome.err);
  ASSERT_EQ(messages.size(), 1u);
  EXPECT_TRUE(messages[0].starts_with("2 lines, ")) << messages[0];
  EXPECT_NE(messages[0].find(" tokens/s"), std::string::npos);
}

TEST(TranslateTest, RefusesOptionsOutOfRange) {
  const std::pair<std::vector<std::string>, const char*> cases[] = {
      {{"--beam-size", "0"}, "--beam-size"},
      {{"--beam-size", "-1"}, "--beam-size"},
      {{"--beam-size", "65"}, "--beam-size"},
      {{"--beam-size", "1000000000"}, "--beam-size"},
      {{"--beam-size", "four"}, "--beam-size"},
      {{"--beam-size", "1.5"}, "--beam-size"},
      {{"--beam-size"}, "--beam-size"},
      {{"--length-penalty", "nan"}, "length_penalty"},
      {{"--length-penalty", "1e400"}, "length_penalty"},
      {{"--max-length", "0"}, "--max-length"},
      {{"--max-length", "-5"}, "--max-length"},
      {{"--max-length", "1"}, "max_length"},
      {{"--max-new-tokens", "0"}, "--max-new-tokens"},
      {{"--max-new-tokens", "513"}, "max_new_tokens: want 1 to 512, found 513"},
      {{"--max-length", "9", "--max-new-tokens", "8"}, "--max-new-tokens"},
      {{"--suppress-tokens", "1,,2"}, "--suppress-tokens"},
      {{"--bad-words-ids", "9999999999"}, "--bad-words-ids"},
      {{"--sequence-bias", "3"}, "--sequence-bias"},
      {{"--length-decay", "3:x"}, "--length-decay"},
      {{"--early-stopping", "maybe"}, "--early-stopping"},
      {{"--suppress-tokens", "8000"}, "suppress_tokens: want token ids"},
      {{"--temperature", "0.5"}, "temperature, sample: want"},
      {{"--n-best", "9"}, "n_best, beam_size: want at most 4"},
      {{"--threads", "0"}, "--threads"},
      {{"--threads", "99999999999999999999"}, "--threads"},
      {{"--precision", "f64"}, "--precision"},
      {{"--format", "xml"}, "--format"},
      {{"--input", "/nonexistent"}, "/nonexistent: want to read, found: No"},
      {{"--input", "/"}, "/: want to read, found: Is a directory"},
      {{"--output", "/nonexistent/a"}, "/nonexistent/a: want to write, found"},
      {{"--model", "/nonexistent"},
       "/nonexistent: want the folder of a model, found no such folder"},
      {{"--nonsense"}, "--nonsense"},
      {{"extra"}, "extra"}};
  for (const auto& [options, message] : cases) {
    std::vector<std::string> arguments = {"translate"};
    arguments.insert(arguments.end(), options.begin(), options.end());
    SCOPED_TRACE(options.front());
    ExpectRefusal(RunTessera(arguments, "Hello!\n"), message);
  }
}

TEST(TranslateTest, NamesTheFileThatAModelLacks) {
  const TestFolder folder;
  ExpectRefusal(
      RunTessera({"translate", "--model", folder.Path(".")}, "Hello!\n"),
      "want ");
}

}  // namespace
}  // namespace tessera
