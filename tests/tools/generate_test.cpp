// `tessera generate` as people and scripts use it; --prefix and --truncate.
#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tests/tools/process.h"

namespace tessera {
namespace {

using Json = nlohmann::json;

const std::filesystem::path kBundled =
    std::filesystem::path(TESSERA_SOURCE_DIR) / "models/bundled";
const std::string kDigits = (kBundled / "digits-t5").string();

Outcome Generate(std::vector<std::string> arguments, std::string input = "") {
  arguments.insert(arguments.begin(), {"generate", "--model", kDigits});
  return RunTessera(arguments, input);
}

std::string Words(std::size_t count) {
  std::string text;
  for (std::size_t i = 0; i < count; ++i) text += "word ";
  return text;
}

TEST(GenerateTest, TakesStandardInputForOneText) {
  for (const char* input :
       {"reverse: 123", "reverse: 123\n", "reverse: 123\r\n\n",
        "\xEF\xBB\xBFreverse: 123\n", "reverse:\n123\n"}) {
    const Outcome outcome = Generate({}, input);
    EXPECT_EQ(outcome.code, 0) << outcome.err;
    EXPECT_EQ(outcome.out, "321\n") << input;
    EXPECT_EQ(outcome.err, "");
  }
  EXPECT_EQ(Generate({"-"}, "sort: 312").out, "123\n");
  EXPECT_EQ(Generate({}, "").out, "\n");
}

TEST(GenerateTest, TakesFilesForATextEach) {
  const TestFolder folder;
  const std::string a = folder.Write("a", "reverse: 12\n");
  const std::string b = folder.Write("b", "sort: 21\n");
  EXPECT_EQ(Generate({b, a, b}).out, "12\n21\n12\n");
  const Outcome outcome = Generate({"--format", "json", a});
  const Json line = Json::parse(outcome.out);
  EXPECT_EQ(line["file"], a);
  EXPECT_EQ(line["source"], "reverse: 12");
  EXPECT_EQ(line["translations"][0]["text"], "21");
}

TEST(GenerateTest, NamesTheFileThatFailsAndGoesOn) {
  const TestFolder folder;
  const std::string good = folder.Write("good", "reverse: 12");
  const std::string bad = folder.Write("bad", "caf\xC3");
  const std::string large = folder.Write("large", std::string(70'000, '1'));
  const std::string none = folder.Path("none");
  const Outcome outcome =
      Generate({none, good, bad, folder.Path("."), large, good});
  EXPECT_EQ(outcome.code, 3);
  EXPECT_EQ(outcome.out, "\n21\n\n\n\n21\n");
  const std::vector<std::string> messages = Lines(outcome.err);
  ASSERT_EQ(messages.size(), 4u);
  EXPECT_EQ(
      messages[0],
      "tessera: " + none + ": want to read, found: No such file or directory");
  EXPECT_EQ(messages[1],
            "tessera: " + bad + ": want UTF-8, found byte 0xC3 at offset 3");
  EXPECT_EQ(messages[2], "tessera: " + folder.Path(".") +
                             ": want to read, found: Is a directory");
  EXPECT_EQ(messages[3],
            "tessera: " + large + ": want at most 65536 bytes, found more");
}

TEST(GenerateTest, WritesAFileADocument) {
  const TestFolder folder;
  const std::string a = folder.Write("a.txt", "reverse: 12");
  const std::string bad = folder.Write("bad.txt", "caf\xC3");
  const std::string made = folder.Path("made/here");
  const Outcome outcome = Generate({"--output-dir", made, a, bad});
  EXPECT_EQ(outcome.code, 3);
  EXPECT_EQ(outcome.out, "");
  EXPECT_EQ(ReadFile(made + "/a.txt"), "21\n");
  EXPECT_FALSE(std::filesystem::exists(made + "/bad.txt"));
}

TEST(GenerateTest, OverwritesNoInput) {
  const TestFolder folder;
  const std::string a = folder.Write("a.txt", "reverse: 12");
  Outcome outcome = Generate({"--output-dir", folder.Path("."), a});
  EXPECT_EQ(outcome.code, 2);
  EXPECT_NE(outcome.err.find("want an output file, found the input"),
            std::string::npos);
  outcome = Generate({"--output", a, a});
  EXPECT_EQ(outcome.code, 2);
  EXPECT_EQ(ReadFile(a), "reverse: 12");
  std::filesystem::create_directory(folder.Path("b"));
  const std::string same = folder.Write("b/a.txt", "sort: 12");
  outcome = Generate({"--output-dir", folder.Path("c"), a, same});
  EXPECT_EQ(outcome.code, 2);
  EXPECT_EQ(outcome.err,
            "tessera: --output-dir: want files of different names, found two "
            "of a.txt\n");
}

TEST(GenerateTest, ReadsRecords) {
  const Outcome outcome =
      Generate({"--records", "-", "--format", "json"},
               "{\"id\": 7, \"text\": \"reverse: 12\"}\n"
               "\n"
               "\"sort: 21\"\r\n"
               "{\"text\": \"sort:\\n31\", \"id\": {\"a\": [1]}, \"more\": 0}");
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  const std::vector<std::string> lines = Lines(outcome.out);
  ASSERT_EQ(lines.size(), 3u);
  const Json first = Json::parse(lines[0]);
  EXPECT_EQ(first["id"], 7);
  EXPECT_EQ(first["translations"][0]["text"], "21");
  const Json second = Json::parse(lines[1]);
  EXPECT_FALSE(second.contains("id"));
  EXPECT_EQ(second["translations"][0]["text"], "12");
  const Json third = Json::parse(lines[2]);
  EXPECT_EQ(third["id"], Json::parse(R"({"a": [1]})"));
  EXPECT_EQ(third["source"], "sort:\n31");
  EXPECT_EQ(Generate({"--records", "-", "--key", "q"},
                     "{\"text\": 1, \"q\": \"sort: 31\"}\n")
                .out,
            "13\n");
}

TEST(GenerateTest, NamesTheRecordThatFailsAndGoesOn) {
  const Outcome outcome = Generate(
      {"--records", "-", "--format", "json"},
      "{\"x\": 1}\n{\"id\": 2, \"text\": 3}\n[1\n4\n\"a\" 5\n\"\\ud800\"\n"
      "{\"text\": \"a\", \"text\": \"b\"}\n\"reverse: 12\"\n");
  EXPECT_EQ(outcome.code, 3);
  const std::vector<std::string> lines = Lines(outcome.out);
  ASSERT_EQ(lines.size(), 8u);
  for (std::size_t i = 0; i < 7; ++i) {
    EXPECT_EQ(Json::parse(lines[i])["translations"], Json::array());
    EXPECT_NE(Json::parse(lines[i])["error"], "");
  }
  EXPECT_EQ(Json::parse(lines[1])["id"], 2);
  EXPECT_EQ(Json::parse(lines[7])["translations"][0]["text"], "21");
  const std::vector<std::string> messages = Lines(outcome.err);
  ASSERT_EQ(messages.size(), 7u);
  EXPECT_EQ(messages[0],
            "tessera: line 1: want the key \"text\", found none such");
  EXPECT_EQ(messages[1], "tessera: line 2: want a text, found 3");
  EXPECT_TRUE(messages[2].starts_with("tessera: line 3: want valid JSON"))
      << messages[2];
}

TEST(GenerateTest, ObeysTheModelsOwnSearch) {
  const std::string model = (kBundled / "numbers-bart").string();
  // "forced_bos_token_id" 0, "num_beams" 4 and "min_length" of the folder.
  const Outcome outcome =
      RunTessera({"generate", "--model", model, "--format", "json"}, "1,984");
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  const Json translations = Json::parse(outcome.out)["translations"];
  EXPECT_EQ(translations.size(), 4u);
  EXPECT_EQ(translations[0]["text"], "one thousand nine hundred eighty-four");
  for (const Json& each : translations) EXPECT_EQ(each["ids"][0], 0);
}

TEST(GenerateTest, TellsItsProgressInTexts) {
  const Outcome outcome = Generate({"--progress"}, "sort: 21");
  EXPECT_TRUE(outcome.err.starts_with("1 texts, ")) << outcome.err;
}

TEST(GenerateTest, RefusesOptionsThatExcludeEachOther) {
  const TestFolder folder;
  const std::string file = folder.Write("a", "sort: 21");
  for (const std::vector<std::string>& arguments :
       {std::vector<std::string>{"--records", file, file},
        {"--output-dir", folder.Path("out")},
        {"--output-dir", folder.Path("out"), "--records", file},
        {"--output-dir", folder.Path("out"), "--format", "json", file},
        {"--output-dir", folder.Path("out"), "--output", "x", file},
        {"--output-dir", file, file},
        {"--records", folder.Path("none")}}) {
    const Outcome outcome = Generate(arguments);
    EXPECT_EQ(outcome.code, 2) << arguments[0];
    EXPECT_EQ(outcome.out, "");
    EXPECT_EQ(Lines(outcome.err).size(), 1u) << outcome.err;
  }
}

TEST(PrefixTest, StandsInFrontOfEveryLineThatIsNotBlank) {
  const Outcome outcome =
      RunTessera({"translate", "--model", kDigits, "--prefix", "reverse: "},
                 "123\n\n45\n  \n");
  EXPECT_EQ(outcome.code, 0);
  EXPECT_EQ(outcome.out, "321\n\n54\n  \n");
  EXPECT_EQ(Generate({"--prefix", "sort: "}, "312\n").out, "123\n");
  const Outcome in_json =
      RunTessera({"translate", "--model", kDigits, "--prefix",
                  "reverse: ", "--format", "json"},
                 "123\n");
  EXPECT_EQ(Json::parse(in_json.out)["source"], "123");
}

TEST(TruncateTest, CutsWhatIsTooLongAndSaysSo) {
  const std::string input = "Hello!\n" + Words(600) + "\n";
  const Outcome outcome = RunTessera({"translate", "--truncate"}, input);
  EXPECT_EQ(outcome.code, 0);
  EXPECT_EQ(outcome.err, "tessera: line 2: cut, 89 tokens were not read\n");
  const std::vector<std::string> lines = Lines(outcome.out);
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_NE(lines[1], "");
  EXPECT_EQ(RunTessera({"translate"}, Words(511) + "\n").out, lines[1] + "\n");
  const Outcome json = RunTessera(
      {"translate", "--truncate", "--format", "json"}, Words(600) + "\n");
  EXPECT_EQ(Json::parse(json.out)["truncated_tokens"], 89);
}

TEST(TruncateTest, CutsToTheLengthThatTheTokenizerHas) {
  // Positions of T5 have no end, but tokenizer_config.json says 512.
  const std::string text = "sort: " + std::string(600, '1');
  EXPECT_EQ(Generate({}, text).err, "");
  const Outcome cut = Generate({"--truncate"}, text);
  EXPECT_TRUE(cut.err.starts_with("tessera: standard input: cut, ")) << cut.err;
}

TEST(TruncateTest, IsNamedWhereItWouldHelp) {
  const Outcome outcome = RunTessera({"translate"}, Words(600) + "\ncaf\xC3\n");
  EXPECT_EQ(outcome.code, 2);
  EXPECT_EQ(
      outcome.err,
      "tessera: line 1: source has 601 tokens, the model takes 512 (--truncate "
      "cuts it)\ntessera: line 2: want UTF-8, found byte 0xC3 at offset 3\n");
}

TEST(GenerateTest, TakesTextsOfTheCommandLine) {
  EXPECT_EQ(Generate({"--text", "reverse: 12", "--text", "sort: 312"}).out,
            "21\n123\n");
  const Outcome both = Generate({"--text", "reverse: 12", "letters.txt"});
  EXPECT_EQ(both.code, 2);
  EXPECT_NE(both.err.find("--text"), std::string::npos) << both.err;
}

TEST(GenerateTest, TellsOfUnknownWordsInJson) {
  const auto unknown = [](std::vector<std::string> arguments) {
    arguments.insert(arguments.end(), {"--format", "json"});
    return Json::parse(Generate(arguments).out).value("unknown", Json());
  };
  EXPECT_EQ(unknown({"--text", "reverse: 1☃2"}),
            Json::parse(R"([{"text": "☃", "begin": 10, "end": 13}])"));
  EXPECT_EQ(unknown({"--prefix", "reverse: ", "--text", "1☃2"}),
            Json::parse(R"([{"text": "☃", "begin": 1, "end": 4}])"));
  EXPECT_EQ(unknown({"--text", "reverse: 12"}), Json());
}

}  // namespace
}  // namespace tessera
