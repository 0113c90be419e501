// Files of lexical translations that the program is given.
#include <gtest/gtest.h>

#include <string>

#include "tests/tools/process.h"
#include "tests/tools/refusal.h"

namespace tessera {
namespace {

// "Où se trouve la gare ?" but for two of its words, which make others.
const std::string kTable =
    "\u2581O NULL 0.1\n\u00F9 NULL 0.1\n\u2581est NULL 0.1\n"
    "\u2581la \u2581the 0.5\n\u2581le \u2581the 0.4\n"
    "\u2581gare \u2581station 0.9\n\u2581? ? 0.9\n";

TEST(ShortlistOptionTest, ChoosesOutputsFromTheTable) {
  const TestFolder folder;
  const std::string table = folder.Write("lex.s2t", kTable);
  const std::string text = "Where is the station?";
  const Outcome outcome =
      RunTessera({"translate", "--shortlist", table, "--shortlist-first", "3",
                  "--text", text});
  EXPECT_EQ(outcome.err, "");
  EXPECT_EQ(outcome.code, 0);
  EXPECT_EQ(outcome.out, "Où est la gare ?\n");
  EXPECT_EQ(RunTessera({"translate", "--text", text}).out,
            "Où se trouve la gare ?\n");
}

TEST(ShortlistOptionTest, SaysInOneLineWhatIsWrong) {
  const TestFolder folder;
  const std::pair<std::string, const char*> files[] = {
      {"", "lex.s2t: want lines of TARGET SOURCE PROBABILITY, found none"},
      {kTable + "a b\n", "lex.s2t:8: want TARGET SOURCE PROBABILITY, found"},
      {kTable + "a b 2\n", "lex.s2t:8: want a probability from 0 to 1, found"},
      {"xy zz 1\n", "lex.s2t:1: want tokens of the model in most lines"}};
  for (const auto& [bytes, message] : files) {
    const std::string table = folder.Write("lex.s2t", bytes);
    ExpectRefusal(RunTessera({"translate", "--shortlist", table}, "Hello.\n"),
                  message);
  }
  ExpectRefusal(RunTessera({"translate", "--shortlist", folder.Path("absent")}),
                "absent");
  ExpectRefusal(RunTessera({"translate", "--shortlist", folder.Path("")}), "");
  ExpectRefusal(RunTessera({"translate", "--shortlist-best", "5"}),
                "--shortlist");
  ExpectRefusal(
      RunTessera({"translate", "--shortlist", "x", "--shortlist-best", "0"}),
      "--shortlist-best");
}

TEST(ShortlistOptionTest, WarnsOfLinesThatAreLeftOut) {
  const TestFolder folder;
  const std::string table = folder.Write("lex.s2t", kTable + "xyz ? 1\n");
  const Outcome outcome = RunTessera(
      {"translate", "--shortlist", table, "--text", "Where is the station?"});
  EXPECT_EQ(outcome.code, 0);
  EXPECT_NE(outcome.err.find("warning: lex.s2t: 1 of 8 lines"),
            std::string::npos)
      << outcome.err;
}

}  // namespace
}  // namespace tessera
