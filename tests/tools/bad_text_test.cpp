// Text that nobody should send, and somebody will: none of it crashes the
// program, shifts lines or gives output that is not UTF-8.
#include <gtest/gtest.h>

#include <chrono>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "engine/tokenizer/text.h"
#include "tests/tools/process.h"
#include "tests/tools/text.h"

namespace tessera {
namespace {

using Words = std::vector<std::string>;

constexpr std::size_t kMegabyte = 1'000'000;

struct Case {
  std::string text;
  bool translated;  // or refused
};

void AddSingleBytes(std::vector<Case>& cases) {
  for (int byte = 0; byte < 256; ++byte) {
    if (byte == '\n') continue;
    cases.push_back({std::string(1, static_cast<char>(byte)), byte < 0x80});
  }
}

void AddMalformedUtf8(std::vector<Case>& cases) {
  for (const char* text :
       {"\xC0\x80", "\xC1\xBF", "\xE0\x80\x80", "\xF0\x80\x80\x80",  // overlong
        "\xED\xA0\x80", "\xED\xBF\xBF",
        "\xED\xA0\xBD\xED\xB8\x80",  // surrogates
        "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xF8\x88\x80\x80\x80", "\xFE",
        "\xFF\xFE", "abc\xC3", "abc\xE2\x82", "abc\xF0\x9F\x98", "\xE2\x28\xA1",
        "caf\xE9 latin", "\x80 abc"}) {
    cases.push_back({text, false});
  }
}

void AddOddCharacters(std::vector<Case>& cases) {
  for (const char* text : {"",
                           " ",
                           "   \t ",
                           "\uFEFF",
                           "a\uFEFFb",
                           "a\rb",
                           "\r\r",
                           "a\u0085b",
                           "a\u2028b\u2029c",
                           "\u200D\u200D",
                           "\u202Eabc\u202C",
                           "\u200E\u200F",
                           "\U0001F468\u200D\U0001F469\u200D\U0001F467",
                           "\U0001F1EB\U0001F1F7",
                           "\U00020000\U0002A6DF",
                           "\U0010FFFF",
                           "\uFFFF\uFFFE",
                           "\uFFFD",
                           "\uE000",
                           "\u0645\u0631\u062D\u0628\u0627",
                           "cafe\u0301",
                           "caf\u00E9",
                           "\uFB01\u2167\u338F",
                           "</s>",
                           "<pad>",
                           "<unk>",
                           "<s>",
                           "a </s> b",
                           "\u2581",
                           "\u2581\u2581a",
                           ">>fr<< a",
                           ">><<",
                           "%s%n%d",
                           "\\n\\0",
                           "{\"a\": 1}",
                           "'; DROP TABLE lines; --",
                           "\x1B[2J",
                           "\x7F"}) {
    cases.push_back({text, true});
  }
  cases.push_back({std::string("a\0b", 3), true});
}

void AddLongTexts(std::vector<Case>& cases) {
  // The bundled model spells characters that it has no piece for in bytes.
  cases.push_back({std::string("e").append(Repeated("\u0301", 10'000)), false});
  cases.push_back({Repeated(" ", 60'000), true});
  cases.push_back({Repeated("\u5C71", 100), true});
  cases.push_back({Repeated("\u5C71", 20'000), false});
  cases.push_back({Repeated("a", kMegabyte), false});
  cases.push_back({Repeated("\u5C71", kMegabyte / 3), false});
  cases.push_back({Repeated("a ", 30'000), false});  // too many tokens
  cases.push_back({Repeated("a ", 100'000), false});
  cases.push_back({Repeated("word ", 2 * kMegabyte), false});
  cases.push_back({Repeated("\xFF", kMegabyte), false});
}

TEST(BadTextTest, GivesOneLineOfUtf8ForEachLineAndRefusesOnlyTheBad) {
  std::vector<Case> cases;
  AddSingleBytes(cases);
  AddMalformedUtf8(cases);
  AddOddCharacters(cases);
  AddLongTexts(cases);
  // No byte order mark stands first.
  std::string input;
  for (const Case& one : cases) input += one.text + "\n";

  const Words ask = {"translate", "--beam-size", "1", "--max-length", "16"};
  const Outcome outcome = RunTessera(ask, input);
  EXPECT_EQ(outcome.code, 3);
  EXPECT_EQ(engine::ValidUtf8Prefix(outcome.out), outcome.out.size());
  EXPECT_EQ(engine::ValidUtf8Prefix(outcome.err), outcome.err.size());
  const Words lines = Lines(outcome.out);
  ASSERT_EQ(lines.size(), cases.size());
  // Standard error tells of the first only, JSON of each.
  Words ask_json = ask;
  ask_json.insert(ask_json.end(), {"--format", "json"});
  const Words objects = Lines(RunTessera(ask_json, input).out);
  ASSERT_EQ(objects.size(), cases.size());
  for (std::size_t i = 0; i < cases.size(); ++i) {
    EXPECT_EQ(engine::ValidUtf8Prefix(objects[i]), objects[i].size());
    const bool refused = nlohmann::json::parse(objects[i]).contains("error");
    EXPECT_EQ(refused, !cases[i].translated)
        << "line " << i + 1 << ": " << cases[i].text.substr(0, 40);
    EXPECT_TRUE(!refused || lines[i].empty()) << "line " << i + 1;
  }
}

// One long word without a piece for any character, spelt in more bytes than
// there are positions; a run of unknown ones costs the square of its length.
TEST(BadTextTest, TakesNoLongerThanTheLongestTextAllows) {
  const std::string longest = Repeated("\u5C71", (64 << 10) / 3);
  const auto start = std::chrono::steady_clock::now();
  EXPECT_EQ(RunTessera({"translate"}, longest).code, 2);
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(20));
}

}  // namespace
}  // namespace tessera
