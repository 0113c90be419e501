// The trained T5 and BART through the command line: each solves its task on
// texts that training never saw.
#include <gtest/gtest.h>

#include <cstdint>
#include <filesystem>
#include <iostream>
#include <string>
#include <vector>

#include "tests/tools/process.h"

namespace tessera {
namespace {

constexpr std::size_t kTexts = 500;
constexpr std::size_t kLeastExact = 495;  // answers

const std::filesystem::path kSource = TESSERA_SOURCE_DIR;

struct Demonstration {
  const char* folder;
  const char* test;  // a text, a tab and its answer a line
};

class TextDemoTest : public testing::TestWithParam<Demonstration> {};

void Solves(const Demonstration& demonstration, const char* precision) {
  const std::vector<std::string> pairs =
      Lines(ReadFile(kSource / "tests/tools/demo" / demonstration.test));
  ASSERT_EQ(pairs.size(), kTexts);
  std::string input;
  for (const std::string& pair : pairs) {
    input += pair.substr(0, pair.find('\t')) + "\n";
  }
  const Outcome outcome =
      RunTessera({"translate", "--precision", precision, "--model",
                  (kSource / "models/bundled" / demonstration.folder).string()},
                 input);
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  const std::vector<std::string> answers = Lines(outcome.out);
  ASSERT_EQ(answers.size(), pairs.size());
  std::size_t exact = 0;
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    exact += answers[i] == pairs[i].substr(pairs[i].find('\t') + 1) ? 1 : 0;
  }
  std::cout << demonstration.folder << ", " << precision << ": " << exact
            << " of " << answers.size() << " texts exact\n";
  EXPECT_GE(exact, kLeastExact);
}

TEST_P(TextDemoTest, SolvesUnseenTexts) { Solves(GetParam(), "f32"); }

TEST_P(TextDemoTest, SolvesThemIn8Bits) { Solves(GetParam(), "int8"); }

INSTANTIATE_TEST_SUITE_P(
    Models, TextDemoTest,
    testing::Values(Demonstration{"digits-t5", "t5.tsv"},
                    Demonstration{"numbers-bart", "bart.tsv"}),
    [](const auto& tested) { return tested.index == 0 ? "t5" : "bart"; });

}  // namespace
}  // namespace tessera
