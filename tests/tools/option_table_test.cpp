// That every option of TranslateOptions is where people look for it: in the
// table of engine/README.md, in --help, among the fields of JSON lines.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <regex>
#include <set>
#include <string>
#include <vector>

#include "tests/tools/process.h"

namespace tessera {
namespace {

const std::filesystem::path kSource = TESSERA_SOURCE_DIR;

std::set<std::string> Matches(const std::string& text, const char* pattern) {
  const std::regex wanted(pattern);
  std::set<std::string> found;
  for (std::sregex_iterator match(text.begin(), text.end(), wanted), end;
       match != end; ++match) {
    found.insert((*match)[1]);
  }
  return found;
}

// The part of a text from `begin` up to the `end` behind it.
std::string Between(const std::string& text, const std::string& begin,
                    const std::string& end) {
  const std::size_t from = text.find(begin);
  if (from == std::string::npos) return "";
  return text.substr(from, text.find(end, from) - from);
}

// The columns of the table's rows, the head left out.
std::vector<std::vector<std::string>> Table() {
  std::vector<std::vector<std::string>> rows;
  const std::string readme = ReadFile(kSource / "engine/README.md");
  for (const std::string& line :
       Lines(Between(readme, "| field |", "\n\n") + "\n")) {
    std::vector<std::string> columns;
    std::size_t begin = 1;
    for (std::size_t bar = 0;
         (bar = line.find('|', begin)) != std::string::npos; begin = bar + 1) {
      columns.push_back(line.substr(begin, bar - begin));
    }
    rows.push_back(columns);
  }
  rows.erase(rows.begin(), rows.begin() + 2);
  return rows;
}

std::set<std::string> Fields() {
  const std::string header =
      ReadFile(kSource / "engine/include/tessera/options.h");
  return Matches(Between(header, "struct TranslateOptions {", "\n};"),
                 R"(\n  [a-z][\w:<>, ]* (\w+) = )");
}

std::set<std::string> Programs(std::size_t column, const char* pattern) {
  std::set<std::string> found;
  for (const auto& row : Table()) found.merge(Matches(row[column], pattern));
  return found;
}

std::set<std::string> Missing(const std::set<std::string>& wanted,
                              const std::set<std::string>& found) {
  std::set<std::string> missing;
  std::ranges::set_difference(wanted, found,
                              std::inserter(missing, missing.end()));
  return missing;
}

const std::set<std::string> kNone;

TEST(OptionTableTest, HasEveryFieldAndNoOther) {
  const std::set<std::string> fields = Fields();
  EXPECT_GT(fields.size(), 40u);
  const std::set<std::string> listed = Programs(0, R"(`(\w+)`)");
  EXPECT_EQ(Missing(fields, listed), kNone);
  EXPECT_EQ(Missing(listed, fields), kNone);
}

TEST(OptionTableTest, HasFourColumns) {
  for (const auto& row : Table()) {
    ASSERT_EQ(row.size(), 4u) << row.front();
  }
}

TEST(OptionTableTest, NamesOptionsOfTheProgram) {
  const std::string help = RunTessera({"translate", "--help"}).out;
  const std::set<std::string> options = Matches(help, R"(\n +(--[a-z-]+))");
  const std::set<std::string> listed = Programs(1, R"((--[a-z-]+))");
  EXPECT_EQ(Missing(listed, options), kNone);
  // What is about the texts and the program, not about decoding.
  const std::set<std::string> others = {
      "--model",         "--threads",
      "--precision",     "--ignore-unsupported",
      "--memory",        "--prefix",
      "--input",         "--text",
      "--column",        "--input-format",
      "--resume",        "--stream",
      "--format",        "--output",
      "--progress",      "--help",
      "--shortlist",     "--shortlist-first",
      "--shortlist-best"};
  EXPECT_EQ(Missing(Missing(options, listed), others), kNone);
}

// What is told beside a text has options of the program alone.
TEST(OptionTableTest, NamesFieldsOfJsonLines) {
  const std::set<std::string> taken = Matches(
      ReadFile(kSource / "tools/tessera/json_options.cpp"), R"(&O::(\w+)\))");
  EXPECT_EQ(Missing(Fields(), taken),
            (std::set<std::string>{"alignments", "alignment_head",
                                   "alignment_layer"}));
}

}  // namespace
}  // namespace tessera
