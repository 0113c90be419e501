// The demonstration models through the command line: each solves its task on
// strings that training never saw.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <iostream>
#include <nlohmann/json.hpp>
#include <ostream>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "tests/tools/process.h"

namespace tessera {
namespace {

using Json = nlohmann::json;

constexpr std::size_t kStrings = 1000;
constexpr std::size_t kLongest = 16;      // digits
constexpr std::size_t kLeastExact = 990;  // answers

const std::filesystem::path kSource = TESSERA_SOURCE_DIR;

struct Demonstration {
  const char* name;
  // What config.json must say, so that the form named is the one that runs.
  std::vector<std::pair<const char*, const char*>> switches;
  std::function<void(std::string& digits)> solve;
};

void PrintTo(const Demonstration& demonstration, std::ostream* out) {
  *out << demonstration.name;
}

void Reverse(std::string& digits) { std::ranges::reverse(digits); }
void Sort(std::string& digits) { std::ranges::sort(digits); }

std::filesystem::path Folder(const Demonstration& demonstration) {
  return kSource / "models/bundled" / demonstration.name;
}

// "314" -> "3 1 4": a word a digit.
std::string Words(const std::string& digits) {
  std::string words;
  for (const char digit : digits) {
    if (!words.empty()) words += ' ';
    words += digit;
  }
  return words;
}

const std::vector<std::string>& Strings() {
  static const std::vector<std::string> strings =
      Lines(ReadFile(kSource / "tests/tools/demo/strings.txt"));
  return strings;
}

// CRC-32 of zlib, by which digits_task.py takes strings apart.
std::uint32_t Checksum(const std::string& text) {
  std::uint32_t state = ~0u;
  for (const char letter : text) {
    state ^= static_cast<std::uint8_t>(letter);
    for (int bit = 0; bit < 8; ++bit) {
      state = state >> 1 ^ ((state & 1) != 0 ? 0xEDB88320u : 0u);
    }
  }
  return ~state;
}

class DemoModelsTest : public testing::TestWithParam<Demonstration> {};

TEST(DemoStringsTest, AreDifferentDigitStringsOfAllLengths) {
  EXPECT_EQ(Strings().size(), kStrings);
  std::set<std::string> different;
  std::set<std::size_t> lengths;
  for (const std::string& digits : Strings()) {
    EXPECT_EQ(digits.find_first_not_of("0123456789"), std::string::npos);
    different.insert(digits);
    lengths.insert(digits.size());
  }
  EXPECT_EQ(different.size(), kStrings);
  EXPECT_LE(*lengths.begin(), 2u);
  EXPECT_EQ(*lengths.rbegin(), kLongest);
}

TEST(DemoStringsTest, AreOfThePartThatTrainingLeavesOut) {
  EXPECT_EQ(Checksum("123456789"), 0xCBF43926u);  // the known check value
  for (const std::string& digits : Strings()) {
    EXPECT_EQ(Checksum(digits) % 16, 0u) << digits;
  }
}

TEST_P(DemoModelsTest, HasTheFormThatItShows) {
  const Json config = Json::parse(ReadFile(Folder(GetParam()) / "config.json"));
  for (const auto& [key, value] : GetParam().switches) {
    EXPECT_EQ(config.at(key), value) << key;
  }
}

TEST_P(DemoModelsTest, SolvesUnseenStrings) {
  std::string input;
  for (const std::string& digits : Strings()) input += Words(digits) + "\n";
  const Outcome outcome =
      RunTessera({"translate", "--model", Folder(GetParam()).string()}, input);
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  const std::vector<std::string> answers = Lines(outcome.out);
  ASSERT_EQ(answers.size(), Strings().size());
  std::size_t exact = 0;
  for (std::size_t i = 0; i < answers.size(); ++i) {
    std::string wanted = Strings()[i];
    GetParam().solve(wanted);
    exact += answers[i] == Words(wanted) ? 1 : 0;
  }
  std::cout << GetParam().name << ": " << exact << " of " << answers.size()
            << " strings exact\n";
  EXPECT_GE(exact, kLeastExact);
}

INSTANTIATE_TEST_SUITE_P(
    Models, DemoModelsTest,
    testing::Values(
        Demonstration{"digits-vanilla",
                      {{"branches", "none"},
                       {"score", "scaled_dot"},
                       {"normaliser", "softmax"}},
                      Reverse},
        Demonstration{"digits-weighted",
                      {{"branches", "paper"}, {"branch_ffn", "split"}},
                      Reverse},
        Demonstration{"digits-additive", {{"score", "additive"}}, Reverse},
        Demonstration{"digits-relu", {{"normaliser", "relu"}}, Sort}),
    [](const auto& tested) {
      std::string name = tested.param.name;
      std::ranges::replace(name, '-', '_');
      return name;
    });

}  // namespace
}  // namespace tessera
