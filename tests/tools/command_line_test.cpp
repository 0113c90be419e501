// What people type on the command line, and what they are told.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "tests/tools/process.h"
#include "tests/tools/refusal.h"
#include "tests/tools/text.h"

namespace tessera {
namespace {

using Json = nlohmann::json;
using Words = std::vector<std::string>;

TEST(CommandLineTest, NamesWhatWasMistypedAndTheNearest) {
  const std::pair<Words, const char*> cases[] = {
      {{"translte"}, "unknown subcommand translte; did you mean translate?"},
      {{"inpsect"}, "unknown subcommand inpsect; did you mean inspect?"},
      {{"atention"}, "unknown subcommand atention; did you mean attention?"},
      {{"xyzzy"}, "unknown subcommand xyzzy\n"},
      {{"-v"}, "unknown option -v\n"},
      {{"--versoin"}, "unknown option --versoin; did you mean --version?"},
      {{"translate", "--beamsize", "4"},
       "translate: unknown option --beamsize; did you mean --beam-size?"},
      {{"translate", "--beam_size=4"},
       "translate: unknown option --beam_size; did you mean --beam-size?"},
      {{"translate", "--treads", "4"}, "did you mean --threads?"},
      {{"translate", "--sentence", "Tom left."},
       "translate: unknown option --sentence"},
      {{"translate", "Tom left."}, "translate: unexpected argument Tom left."},
      {{"attention", "--txt", "a", "--text", "a"}, "did you mean --text?"},
      {{"inspect", "--kernel"}, "did you mean --kernels?"},
      {{"pack", "a", "b", "c"}, "pack: unexpected argument c"}};
  for (const auto& [arguments, message] : cases) {
    ExpectRefusal(RunTessera(arguments), message);
  }
}

TEST(CommandLineTest, HelpIsAWordToo) {
  EXPECT_EQ(RunTessera({"help"}).out, RunTessera({"--help"}).out);
  for (const char* command :
       {"translate", "generate", "attention", "inspect", "pack", "profile"}) {
    const Outcome outcome = RunTessera({"help", command});
    EXPECT_EQ(outcome.code, 0);
    EXPECT_EQ(outcome.out, RunTessera({command, "--help"}).out);
  }
  ExpectContains(RunTessera({"translate", "--help"}).out, "Exit code: 0; 3 if");
  ExpectContains(RunTessera({"--help"}).out, "Exit code: 0; 2 if");
}

TEST(CommandLineTest, TheLastOfAnOptionCounts) {
  const std::string one =
      RunTessera({"translate", "--max-length", "4"}, "I like it.\n").out;
  const Words cases[] = {
      {"--max-length", "9", "--max-length", "4"},
      {"--threads", "2", "--threads", "1", "--max-length", "4"},
      {"--beam-size", "1", "--max-length", "4", "--beam-size", "4"},
      {"--format", "json", "--max-length", "4", "--format", "text"},
      {"--model", "/nonexistent", "--max-length", "4", "--model",
       TESSERA_SOURCE_DIR "/models/bundled/tatoeba-en-fr"}};
  for (Words options : cases) {
    options.insert(options.begin(), "translate");
    const Outcome outcome = RunTessera(options, "I like it.\n");
    EXPECT_EQ(outcome.code, 0) << outcome.err;
    EXPECT_EQ(outcome.out, one);
  }
}

TEST(CommandLineTest, NumbersAreDecimal) {
  const auto beams = [](const char* size) {
    const Outcome outcome = RunTessera(
        {"translate", "--format", "json", "--beam-size", size}, "Hello!\n");
    EXPECT_EQ(outcome.code, 0) << outcome.err;
    return Json::parse(outcome.out)["translations"].size();
  };
  EXPECT_EQ(beams("010"), 10u);
  EXPECT_EQ(beams("08"), 8u);
  EXPECT_EQ(beams("0002"), 2u);
  for (const char* option :
       {"--threads", "--beam-size", "--max-length", "--max-new-tokens",
        "--no-repeat-ngram-size", "--forced-last-token"}) {
    for (const char* number : {"", "0x10", "1e1", "2.0", " 2", "2 ", "+2",
                               "two", "0b1", "1'000", "\u0662"}) {
      const Outcome outcome =
          RunTessera({"translate", option, number}, "Hello!\n");
      EXPECT_EQ(outcome.code, 2) << option << number;
      ExpectContains(outcome.err, option);
      ExpectContains(outcome.err, "want a number in decimal digits, found");
    }
  }
  for (const char* option :
       {"--length-penalty", "--repetition-penalty", "--top-p"}) {
    for (const char* number : {"", "0x1p3", "one", "1,5", "1 ", "--", "1e"}) {
      const Outcome outcome =
          RunTessera({"translate", option, number}, "Hello!\n");
      EXPECT_EQ(outcome.code, 2) << option << number;
    }
  }
  const Outcome large =
      RunTessera({"translate", "--length-penalty", "1e308"}, "Hello!\n");
  EXPECT_EQ(large.code, 2);
  EXPECT_LT(large.err.size(), 120u) << large.err;
  for (const char* number : {"0.5", ".5", "1", "-1", "1e-1", "+1"}) {
    EXPECT_EQ(RunTessera({"translate", "--length-penalty", number}, "a\n").code,
              0)
        << number;
  }
}

TEST(CommandLineTest, TheMemoryAskedForIsALimit) {
  const Outcome little =
      RunTessera({"translate", "--memory", "1M"}, "Hello!\n");
  EXPECT_EQ(little.code, 2);
  ExpectContains(little.err, "memory: want at most 1.0 MiB");
  EXPECT_EQ(RunTessera({"translate", "--memory", "500M"}, "Hello!\n").code, 0);
  EXPECT_EQ(RunTessera({"translate", "--memory", "2 GiB"}, "Hello!\n").code, 0);
  for (const char* size : {"", "many", "-1", "5 parsecs"}) {
    EXPECT_EQ(RunTessera({"translate", "--memory", size}, "Hello!\n").code, 2)
        << size;
  }
}

TEST(CommandLineTest, TellsHowToGetAModelThatIsNamedAsOnTheHub) {
  for (const char* name : {"Helsinki-NLP/opus-mt-en-de", "google-t5/t5-small",
                           "facebook/m2m100_418M"}) {
    const Outcome outcome = RunTessera({"translate", "--model", name});
    EXPECT_EQ(outcome.code, 2);
    ExpectContains(outcome.err, std::string("hf download ") + name);
  }
  for (const char* name :
       {"opus-mt-en-de", "/a/b", "./a", "../a/b", "a/b/c", "a/", "a b/c"}) {
    const Outcome outcome = RunTessera({"translate", "--model", name});
    EXPECT_EQ(outcome.code, 2);
    EXPECT_EQ(outcome.err.find("download"), std::string::npos) << outcome.err;
  }
}

TEST(CommandLineTest, LongAttentionAsksFirstAndIsPacked) {
  const std::string text = Repeated("word ", 60);
  const Words ask = {"attention", "--text", text, "--beam-size", "1"};
  for (const char* format : {"html", "json"}) {
    Words words = ask;
    words.insert(words.end(), {"--format", format});
    const Outcome refused = RunTessera(words);
    EXPECT_EQ(refused.code, 2);
    EXPECT_EQ(refused.out, "");
    ExpectContains(refused.err, "--large");
    words.push_back("--large");
    const Outcome large = RunTessera(words);
    EXPECT_EQ(large.code, 0) << large.err;
    EXPECT_GT(large.out.size(), std::size_t{5'000'000});
  }
  Words some = ask;
  some.insert(some.end(), {"--format", "json", "--attention", "cross",
                           "--layer", "1", "--head", "1"});
  EXPECT_EQ(RunTessera(some).code, 0);
  EXPECT_EQ(RunTessera(ask).code, 0);  // a table
}

}  // namespace
}  // namespace tessera
