// `tessera profile`: its tables and its trace.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "tests/tools/process.h"

namespace tessera {
namespace {

using Json = nlohmann::json;

constexpr const char* kText =
    "Where is the station?\nI am tired.\nThe cat sleeps on the table.\n";

struct Row {
  std::string name;
  double share = 0;
};

// The rows of the table that begins with that title, up to an empty line.
std::vector<Row> Table(const std::string& output, const std::string& title) {
  constexpr std::size_t kNameColumns = 36;
  std::vector<Row> rows;
  bool inside = false;
  for (const std::string& line : Lines(output)) {
    if (inside && line.empty()) break;
    if (inside) {
      std::istringstream words(line.substr(kNameColumns));
      std::string word, last;
      while (words >> word && word != "%") last = word;
      rows.push_back({line.substr(0, line.find("  ")), std::stod(last)});
    }
    inside = inside || line.starts_with(title + " ");
  }
  return rows;
}

void ExpectWhole(const std::vector<Row>& rows) {
  ASSERT_GT(rows.size(), 2U);
  EXPECT_EQ(rows.back().name, "in all");
  EXPECT_DOUBLE_EQ(rows.back().share, 100.0);
  double sum = 0;
  for (std::size_t i = 0; i + 1 < rows.size(); ++i) {
    EXPECT_GE(rows[i].share, 0.0) << rows[i].name;
    sum += rows[i].share;
  }
  const double rounding = 0.05 * static_cast<double>(rows.size());
  EXPECT_NEAR(sum, 100.0, rounding);
}

bool Has(const std::vector<Row>& rows, const std::string& name) {
  for (const Row& row : rows) {
    if (row.name == name) return true;
  }
  return false;
}

TEST(ProfileTest, SharesOfOperationsAddUpToTheRun) {
  const Outcome outcome = RunTessera({"profile"}, kText);
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_TRUE(outcome.out.starts_with("3 sentences, ")) << outcome.out;
  const std::vector<Row> rows = Table(outcome.out, "operation");
  ExpectWhole(rows);
  for (const char* name :
       {"encoder embedding", "encoder self-attention product",
        "encoder feed-forward norm", "decoder self-attention attention",
        "decoder cross-attention cache", "decoder vocabulary top-k", "search",
        "tokenizer", "between operations"}) {
    EXPECT_TRUE(Has(rows, name)) << name;
  }
}

TEST(ProfileTest, SharesOfLayersAddUpToTheRun) {
  const Outcome outcome = RunTessera({"profile", "--beam-size", "1"}, kText);
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  const std::vector<Row> rows = Table(outcome.out, "layer");
  ExpectWhole(rows);
  for (const char* name :
       {"encoder 1", "encoder 6", "decoder 3", "decoder, outside of layers"}) {
    EXPECT_TRUE(Has(rows, name)) << name;
  }
  EXPECT_FALSE(Has(rows, "decoder 4"));
}

// What a viewer of traces relies on: times from 0, and of two events that
// overlap one that holds the other.
TEST(ProfileTest, EventsOfATraceNest) {
  const TestFolder folder;
  const std::string path = folder.Path("trace.json");
  const Outcome outcome = RunTessera({"profile", "--trace", path}, kText);
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  const Json trace = Json::parse(ReadFile(path));
  ASSERT_GT(trace["traceEvents"].size(), 100U);
  constexpr double kRounding = 0.01;  // us
  double operations_end = 0;
  for (const Json& event : trace["traceEvents"]) {
    EXPECT_EQ(event["ph"], "X");
    const double begin = event["ts"], length = event["dur"];
    EXPECT_GE(begin, 0.0);
    EXPECT_GE(length, 0.0);
    if (event.contains("args")) {  // an operation: after the one before it
      EXPECT_GE(begin, operations_end - kRounding) << event;
      operations_end = begin + length;
    } else {  // a part, written when it has ended: with its last operation
      EXPECT_NEAR(begin + length, operations_end, kRounding) << event;
    }
  }
}

TEST(ProfileTest, NamesASentenceThatFails) {
  const std::string text = std::string(kText) + "\xff\n";
  const Outcome outcome = RunTessera({"profile"}, text);
  EXPECT_EQ(outcome.code, 3);
  EXPECT_TRUE(outcome.out.starts_with("4 sentences, ")) << outcome.out;
  EXPECT_NE(outcome.err.find("1 of 4 sentences failed"), std::string::npos)
      << outcome.err;
}

TEST(ProfileTest, RunsWithoutAnyInput) {
  const Outcome outcome = RunTessera({"profile"}, "");
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_TRUE(outcome.out.starts_with("0 sentences, ")) << outcome.out;
}

TEST(ProfileTest, ExplainsItself) {
  const Outcome outcome = RunTessera({"profile", "--help"});
  EXPECT_EQ(outcome.code, 0);
  EXPECT_NE(outcome.out.find("--trace"), std::string::npos);
  EXPECT_NE(outcome.out.find("of peak"), std::string::npos);
}

}  // namespace
}  // namespace tessera
