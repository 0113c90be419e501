// What people type, and what they are told.
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tests/tools/process.h"

namespace tessera {
namespace {

using Json = nlohmann::json;
using Words = std::vector<std::string>;

void ExpectContains(const std::string& text, const std::string& part) {
  EXPECT_NE(text.find(part), std::string::npos) << part << "\nin\n" << text;
}

std::string Repeated(std::string_view unit, std::size_t count) {
  std::string text;
  for (std::size_t i = 0; i < count; ++i) text += unit;
  return text;
}

// The exit code of a shell command, in which "$T" is the program.
int Shell(const std::string& command) {
  setenv("T", TESSERA_PROGRAM, 1);
  const int status = std::system(command.c_str());
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

TEST(HandsTest, NamesWhatWasMistypedAndTheNearest) {
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
    const Outcome outcome = RunTessera(arguments);
    EXPECT_EQ(outcome.code, 2);
    EXPECT_EQ(outcome.out, "");
    EXPECT_TRUE(outcome.err.starts_with("tessera: ")) << outcome.err;
    ExpectContains(outcome.err, message);
    EXPECT_EQ(std::count(outcome.err.begin(), outcome.err.end(), '\n'), 1);
  }
}

TEST(HandsTest, HelpIsAWordToo) {
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

TEST(HandsTest, TheLastOfAnOptionCounts) {
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

TEST(HandsTest, NumbersAreDecimal) {
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

TEST(HandsTest, ADashIsAStandardStream) {
  const std::string wanted = RunTessera({"translate"}, "Hello!\n").out;
  EXPECT_EQ(RunTessera({"translate", "--input", "-"}, "Hello!\n").out, wanted);
  EXPECT_EQ(RunTessera({"translate", "--output", "-"}, "Hello!\n").out, wanted);
  EXPECT_EQ(RunTessera({"attention", "--text", "a", "--output", "-"}).out,
            RunTessera({"attention", "--text", "a"}).out);
  EXPECT_FALSE(std::filesystem::exists("-"));
}

TEST(HandsTest, TellsHowToGetAModelThatIsNamedAsOnTheHub) {
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

TEST(HandsTest, TwoCodesTellSomeLinesFromNothing) {
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

TEST(HandsTest, TellsOfTheFirstLinesThatFailAndCountsTheRest) {
  const Outcome outcome = RunTessera({"translate", "--format", "json"},
                                     Repeated("caf\xE9\n", 5000));
  EXPECT_EQ(outcome.code, 2);
  EXPECT_EQ(Lines(outcome.out).size(), 5000u);
  const Words messages = Lines(outcome.err);
  ASSERT_EQ(messages.size(), 11u);
  for (std::size_t i = 0; i < 10; ++i) {
    EXPECT_TRUE(messages[i].starts_with("tessera: line " +
                                        std::to_string(i + 1) + ": "));
  }
  EXPECT_EQ(messages[10], "tessera: 4990 more lines failed or were cut");
  EXPECT_EQ(Lines(RunTessera({"translate"}, Repeated("\xE9\n", 10)).err).size(),
            10u);
}

TEST(HandsTest, RefusesAnOutputThatIsTheInput) {
  const TestFolder folder;
  const std::string text = Repeated("Tom left.\n", 20'000);  // above a read
  for (const char* command :
       {"\"$T\" translate --input a >> a", "\"$T\" translate < a >> a",
        "\"$T\" translate --input a --output a",
        "ln -s a b; \"$T\" translate --input b >> a",
        "ln a c; \"$T\" translate --input a >> c",
        "\"$T\" generate --records a >> a"}) {
    folder.Write("a", text);
    EXPECT_EQ(Shell("cd " + folder.Path(".") + "; " + command + " 2> err"), 2)
        << command;
    EXPECT_EQ(ReadFile(folder.Path("a")), text) << command;
    ExpectContains(ReadFile(folder.Path("err")), "found the input");
  }
}

std::string Wide(std::string_view text, bool little) {
  std::string wide;
  for (const char c : text) {
    wide += little ? std::string{c, '\0'} : std::string{'\0', c};
  }
  return wide;
}

TEST(HandsTest, NamesUtf16OnceAndTranslatesNothing) {
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

TEST(HandsTest, AByteOrderMarkAloneIsNoLine) {
  const std::string mark = "\xEF\xBB\xBF";
  EXPECT_EQ(RunTessera({"translate"}, mark).out, "");
  EXPECT_EQ(RunTessera({"translate", "--format", "json"}, mark).out, "");
  EXPECT_EQ(RunTessera({"translate"}, mark + "\n").out, "\n");
  EXPECT_EQ(Lines(RunTessera({"translate"}, "\n" + mark).out).size(), 2u);
}

TEST(HandsTest, OnlyLineFeedsEndLinesOfJson) {
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

TEST(HandsTest, EverySubcommandNoticesAFullDisk) {
  for (const char* command :
       {"--version", "--help", "help", "translate --help", "inspect",
        "inspect --kernels", "attention --text a",
        "attention --text a --format html", "profile < /dev/null",
        "translate < a", "translate --format json < a"}) {
    const TestFolder folder;
    folder.Write("a", "Hello!\n");
    EXPECT_EQ(Shell("cd " + folder.Path(".") + "; \"$T\" " + command +
                    " > /dev/full 2> err"),
              2)
        << command;
    ExpectContains(ReadFile(folder.Path("err")),
                   "standard output: want to write, found: No space left");
  }
}

TEST(HandsTest, ClosedDescriptorsAreNotTakenForFiles) {
  const std::string wanted = RunTessera({"translate"}, "Hello!\nHello!\n").out;
  for (const char* closed : {"2>&-", "0<&- 2>&-", "1>&-", "1>&- 2>&-"}) {
    const TestFolder folder;
    folder.Write("a", "Hello!\nHello!\n");
    EXPECT_EQ(Shell("cd " + folder.Path(".") +
                    "; \"$T\" translate --input a --output o " + closed),
              0)
        << closed;
    EXPECT_EQ(ReadFile(folder.Path("o")), wanted) << closed;
  }
  const TestFolder folder;
  folder.Write("a", "caf\xE9\nHello!\n");
  EXPECT_EQ(Shell("cd " + folder.Path(".") +
                  "; \"$T\" translate --output o < a 2>&-"),
            3);
  EXPECT_EQ(Lines(ReadFile(folder.Path("o"))).size(), 2u);
  EXPECT_EQ(Shell("\"$T\" translate 0<&- > /dev/null"), 0);  // no input
}

TEST(HandsTest, LongAttentionAsksFirstAndIsPacked) {
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

// Nothing of a file, a name or an option moves the cursor.
void ExpectPlain(const Outcome& outcome) {
  for (const std::string* text : {&outcome.out, &outcome.err}) {
    EXPECT_TRUE(std::ranges::all_of(*text, [](char c) {
      return c == '\n' || static_cast<unsigned char>(c) >= 0x20;
    })) << *text;
    EXPECT_EQ(text->find("\x7F"), std::string::npos);
    EXPECT_EQ(text->find("\u009B"), std::string::npos);
    EXPECT_EQ(text->find("\u202E"), std::string::npos);
  }
}

TEST(HandsTest, BytesOfFilesNeverReachATerminalRaw) {
  const std::string bad = "\x1B]0;owned\x07\x1B[31mred\u009B\u202E\x7F";
  const std::filesystem::path bundled =
      TESSERA_SOURCE_DIR "/models/bundled/tatoeba-en-fr";
  const TestFolder folder;
  const auto copy = [&](const std::string& name) {
    const std::filesystem::path to = folder.Path(name);
    std::filesystem::copy(bundled, to);
    return to;
  };
  // A folder's name, an unknown key of two files, a piece.
  ExpectPlain(RunTessera({"inspect", "--model", copy("m" + bad).string()}));
  for (const char* file : {"config.json", "generation_config.json"}) {
    for (const Json& value : {Json(1), Json(bad), Json({{bad, bad}})}) {
      const auto model = copy(std::string("k") + file);
      Json config = Json::parse(ReadFile(model / file));
      config[bad] = value;
      config["num_beams"] = bad;
      std::ofstream(model / file) << config;
      const Outcome outcome =
          RunTessera({"translate", "--model", model.string()}, "a\n");
      ExpectPlain(outcome);
      std::filesystem::remove_all(model);
    }
  }
  const auto model = copy("piece");
  Json vocabulary = Json::parse(ReadFile(model / "vocab.json"));
  vocabulary[bad] = -1;
  std::ofstream(model / "vocab.json") << vocabulary;
  const Outcome outcome = RunTessera({"inspect", "--model", model.string()});
  EXPECT_EQ(outcome.code, 2);
  ExpectPlain(outcome);
  for (const Words& words :
       std::vector<Words>{{bad},
                          {"--" + bad},
                          {"translate", "--" + bad},
                          {"translate", bad},
                          {"translate", "--model", bad},
                          {"translate", "--input", bad},
                          {"translate", "--output", "/" + bad + "/x"},
                          {"translate", "--threads", bad},
                          {"translate", "--format", bad},
                          {"translate", "--target-lang", bad},
                          {"pack", bad, bad}}) {
    const Outcome refused = RunTessera(words, "a\n");
    EXPECT_NE(refused.code, 0);
    ExpectPlain(refused);
  }
}

TEST(HandsTest, TheMemoryAskedForIsALimit) {
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

#ifdef TESSERA_FAIL_THREADS
// At a limit of threads: an error or a translation, never libgomp's exit(1).
TEST(HandsTest, AThreadThatCannotBeMadeIsAnErrorOrMakesNoDifference) {
  const std::string text = "I have no idea what you mean by that.\n";
  const Words ask = {"translate", "--threads", "4", "--beam-size", "64"};
  const std::string wanted = RunTessera(ask, text).out;
  for (int from = 1; from <= 12; ++from) {
    const Outcome outcome = RunTessera(ask, text,
                                       {"LD_PRELOAD=" TESSERA_FAIL_THREADS,
                                        "FAIL_FROM=" + std::to_string(from)});
    if (outcome.code == 0) {
      EXPECT_EQ(outcome.out, wanted) << from;
      continue;
    }
    EXPECT_EQ(outcome.code, 2) << from;
    ExpectContains(outcome.err, "tessera: threads: want 4, found ");
    EXPECT_LE(from, 4);
  }
}
#endif

}  // namespace
}  // namespace tessera
