// `tessera translate` as people and scripts use it.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <numeric>
#include <string>
#include <thread>
#include <vector>

#include "tests/tools/process.h"
#include "tests/tools/refusal.h"

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

std::string Translated(const std::string& line) {
  return Lines(RunTessera({"translate"}, line + "\n").out)[0];
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
  EXPECT_EQ(lines[3], " \t ");
  EXPECT_EQ(RunTessera({"translate"}, "").out, "");
}

TEST(TranslateTest, KeepsTheWhiteSpaceRoundALine) {
  const std::string bare = Lines(RunTessera({"translate"}, "Hello!\n").out)[0];
  for (const char* split : {"none", "sentences"}) {
    EXPECT_EQ(RunTessera({"translate", "--split", split},
                         "  Hello!\u00A0\t\n\u3000Hello!\n")
                  .out,
              "  " + bare + "\u00A0\t\n\u3000" + bare + "\n");
  }
}

TEST(TranslateTest, StreamsWhatItWritesOtherwise) {
  const std::string input =
      Joined(Sentences()) + "\n  Tom left. \u00A0Why? \t\n \n\u3000Hello!";
  for (const char* beams : {"1", "4"}) {
    for (const char* split : {"none", "sentences"}) {
      const std::vector<std::string> arguments = {"translate", "--beam-size",
                                                  beams, "--split", split};
      std::vector<std::string> streaming = arguments;
      streaming.emplace_back("--stream");
      EXPECT_EQ(RunTessera(streaming, input).out,
                RunTessera(arguments, input).out);
    }
  }
  ExpectRefusal(RunTessera({"translate", "--stream", "--format", "json"}, ""),
                "--stream");
}

TEST(TranslateTest, GivesLinesUpThatTakeTooLong) {
  const Outcome outcome = RunTessera(
      {"translate", "--time-limit", "0.001", "--beam-size", "64"},
      std::string(200, 'a') + " cat and a dog and a cat and a dog.\n");
  EXPECT_EQ(outcome.code, 2);
  EXPECT_EQ(outcome.out, "\n");
  EXPECT_EQ(outcome.err, "tessera: line 1: the time limit has passed\n");
}

TEST(TranslateTest, TakesControlsForTextAndOddLineEndsForSpace) {
  using std::string_literals::operator""s;
  const std::string tom = Translated("Tom left."), why = Translated("Why?");
  EXPECT_EQ(
      RunTessera({"translate"}, "Tom left.\u2028Why?\nTom left.\vWhy?\u0085\n")
          .out,
      tom + "\u2028" + why + "\n" + tom + "\v" + why + "\u0085\n");
  const Outcome nul = RunTessera({"translate"}, "Tom\0left.\nWhy?\n"s);
  EXPECT_EQ(nul.code, 0);
  EXPECT_EQ(Lines(nul.out).size(), 2u);
  EXPECT_EQ(Lines(nul.out)[1], why);
}

TEST(TranslateTest, GivesAFileItsNameAtTheEnd) {
  const TestFolder folder;
  const std::string output = folder.Write("out.txt", "what was there before");
  Conversation program({"translate", "--output", output});
  program.Send("Hello!\n");
  for (int i = 0; i < 6000 && ReadFile(output + ".part").empty(); ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  EXPECT_EQ(ReadFile(output), "what was there before");
  program.CloseInput();
  EXPECT_EQ(program.Wait(), 0);
  EXPECT_EQ(ReadFile(output), Translated("Hello!") + "\n");
  EXPECT_FALSE(std::filesystem::exists(output + ".part"));
}

TEST(TranslateTest, GoesOnBehindTheLastWholeLine) {
  const TestFolder folder;
  const std::string output = folder.Path("out.txt");
  const std::string input = "Hello!\nTom left.\nWhy?\n";
  const std::string whole = RunTessera({"translate"}, input).out;
  for (const char* before : {"", "half a li", "one\ntwo\nhalf a li", "one\n"}) {
    folder.Write("out.txt.part", before);
    const auto kept =
        std::count(before, before + std::string(before).size(), '\n');
    const Outcome outcome =
        RunTessera({"translate", "--output", output, "--resume"}, input);
    EXPECT_EQ(outcome.code, 0) << outcome.err;
    const std::vector<std::string> lines = Lines(ReadFile(output));
    ASSERT_EQ(lines.size(), 3u) << before;
    EXPECT_EQ(lines[0], kept > 0 ? "one" : Lines(whole)[0]);
    EXPECT_EQ(lines[2], Lines(whole)[2]);
  }
  folder.Write("out.txt.part", "1\n2\n3\n4\n");
  ExpectRefusal(
      RunTessera({"translate", "--output", output, "--resume"}, input),
      "--resume");
  ExpectRefusal(RunTessera({"translate", "--resume"}, input), "--resume");
}

TEST(TranslateTest, TranslatesTheSentencesOfALineOneByOne) {
  const std::vector<std::string> parts =
      Lines(RunTessera({"translate"},
                       "I am tired.\nTom left.\nWhere is the station?\n")
                .out);
  const std::string text = "I am tired.  Tom left.\tWhere is the station?";
  const std::string expected = parts[0] + "  " + parts[1] + "\t" + parts[2];
  EXPECT_EQ(RunTessera({"translate"}, text).out, expected + "\n");
  const Json line =
      Json::parse(RunTessera({"translate", "--format", "json"}, text).out);
  EXPECT_EQ(line["translations"][0]["text"], expected);
  ASSERT_EQ(line["sentences"].size(), 3u);
  EXPECT_EQ(line["sentences"][1]["source"], "Tom left.");
  EXPECT_EQ(line["sentences"][1]["translations"][0]["text"], parts[1]);
  const Json whole = Json::parse(
      RunTessera({"translate", "--format", "json", "--split", "none"}, text)
          .out);
  EXPECT_FALSE(whole.contains("sentences"));
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
