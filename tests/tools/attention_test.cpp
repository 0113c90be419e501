// `tessera attention` as people and scripts use it.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
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

constexpr const char* kText = "Where is the station?";

// `tessera attention --text kText` with more options.
Outcome Attention(const Words& options) {
  Words arguments = {"attention", "--text", kText};
  arguments.insert(arguments.end(), options.begin(), options.end());
  return RunTessera(arguments);
}

Json JsonOf(const Words& options) {
  Words arguments = {"--format", "json"};
  arguments.insert(arguments.end(), options.begin(), options.end());
  const Outcome outcome = Attention(arguments);
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_EQ(Lines(outcome.out).size(), 1u);
  return Json::parse(outcome.out);
}

TEST(AttentionTest, ShowsTheCrossAttentionAsATable) {
  const Outcome outcome = Attention({});
  EXPECT_EQ(outcome.code, 0);
  EXPECT_EQ(outcome.err, "");
  const Words lines = Lines(outcome.out);
  ASSERT_GT(lines.size(), 8u);
  EXPECT_EQ(lines[0], kText);
  EXPECT_EQ(lines[1], "→ Où se trouve la gare ?");
  EXPECT_EQ(lines[3], "cross attention, layer 3 of 3, mean of 4 heads:");
  // A word and the word it comes from.
  const auto gare = std::find_if(
      lines.begin(), lines.end(),
      [](const std::string& line) { return line.starts_with("  ▁gare"); });
  ASSERT_NE(gare, lines.end()) << outcome.out;
  ExpectContains(*gare, "→ ▁station");
  ExpectContains(*gare, "▓");
}

TEST(AttentionTest, LeavesCellsEmptyThatAreMasked) {
  const Outcome outcome =
      Attention({"--attention", "decoder", "--layer", "1", "--head", "2"});
  EXPECT_EQ(outcome.code, 0);
  const Words lines = Lines(outcome.out);
  ASSERT_GT(lines.size(), 8u);
  EXPECT_EQ(lines[3], "decoder attention, layer 1 of 3, head 2 of 4:");
  EXPECT_EQ(lines[7], "     ▁O  → <pad>     100█");
}

TEST(AttentionTest, WritesWideTablesInParts) {
  std::string text = "I";
  for (int i = 0; i < 30; ++i) text += " like my garden";
  const Outcome outcome =
      RunTessera({"attention", "--text", text, "--max-length", "5"});
  EXPECT_EQ(outcome.code, 0);
  std::size_t gardens = 0;
  const Words lines = Lines(outcome.out);
  for (std::size_t i = 2; i < lines.size(); ++i) {  // below the texts
    EXPECT_LE(lines[i].size(), 80u * 3);            // of up to 3 bytes
    for (std::size_t at = 0;
         (at = lines[i].find("▁garden", at)) != std::string::npos; ++at) {
      gardens += lines[i].find("→") == std::string::npos;
    }
  }
  EXPECT_EQ(gardens, 30u);
}

// The weights of JSON have the shape that it tells, and its rows sum to 1.
void ExpectShape(const Json& table) {
  const auto shape = table["shape"].get<std::vector<std::size_t>>();
  EXPECT_EQ(table["layers"].size(), shape[0]);
  EXPECT_EQ(table["heads"].size(), shape[1]);
  EXPECT_EQ(table["queries"].size(), shape[2]);
  EXPECT_EQ(table["keys"].size(), shape[3]);
  ASSERT_EQ(table["weights"].size(), shape[0]);
  for (const Json& layer : table["weights"]) {
    ASSERT_EQ(layer.size(), shape[1]);
    for (const Json& head : layer) {
      ASSERT_EQ(head.size(), shape[2]);
      for (const Json& row : head) {
        ASSERT_EQ(row.size(), shape[3]);
        double sum = 0;
        for (const Json& weight : row) {
          if (!weight.is_null()) sum += weight.get<double>();
        }
        EXPECT_NEAR(sum, 1, 1e-4);
      }
    }
  }
}

TEST(AttentionTest, GivesEverythingAsJson) {
  const Json shown = JsonOf({});
  EXPECT_EQ(shown["model"], "tatoeba-en-fr");
  EXPECT_EQ(shown["text"], kText);
  EXPECT_EQ(shown["translation"], "Où se trouve la gare ?");
  EXPECT_LT(shown["score"].get<double>(), 0);
  const Json& attentions = shown["attentions"];
  EXPECT_EQ(attentions.size(), 3u);
  for (const auto& [name, layers] :
       {std::pair("encoder", 6), {"decoder", 3}, {"cross", 3}}) {
    const Json& table = attentions[name];
    EXPECT_EQ(table["layers"].size(), static_cast<std::size_t>(layers));
    EXPECT_EQ(table["heads"], Json({1, 2, 3, 4}));
    ExpectShape(table);
  }
  const Json& heads = attentions["decoder"]["weights"][2];
  for (const Json& rows : heads) {
    for (std::size_t query = 0; query < rows.size(); ++query) {
      for (std::size_t key = 0; key < rows.size(); ++key) {
        EXPECT_EQ(rows[query][key].is_null(), key > query);
      }
    }
  }
}

TEST(AttentionTest, GivesTheChoiceAsJson) {
  const Json all = JsonOf({})["attentions"];
  const Json chosen = JsonOf(
      {"--attention", "encoder", "--layer", "5", "--head", "3"})["attentions"];
  EXPECT_EQ(chosen.size(), 1u);
  const Json& table = chosen["encoder"];
  EXPECT_EQ(table["layers"], Json({5}));
  EXPECT_EQ(table["heads"], Json({3}));
  ExpectShape(table);
  EXPECT_EQ(table["weights"][0][0], all["encoder"]["weights"][4][2]);

  const Json layer = JsonOf({"--layer", "2"})["attentions"];
  EXPECT_EQ(layer.size(), 3u);
  EXPECT_EQ(layer["cross"]["weights"][0], all["cross"]["weights"][1]);
}

TEST(AttentionTest, ShowsWeightsThatDoNotSumToOne) {
  const std::string model =
      std::string(TESSERA_SOURCE_DIR) + "/models/bundled/digits-relu";
  const Words ask = {"attention", "--model", model, "--text", "4 8 2"};
  const Outcome outcome = RunTessera(ask);
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  ExpectContains(outcome.out, "\n→ 2 4 8\n");
  ExpectContains(outcome.out, ", weights x 100\n");
  Words as_json = ask;
  as_json.insert(as_json.end(), {"--format", "json"});
  const Json shown = Json::parse(RunTessera(as_json).out);
  double largest = 0;
  for (const Json& rows : shown["attentions"]["cross"]["weights"][1]) {
    for (const Json& row : rows) {
      for (const Json& weight : row) {
        largest = std::max(largest, weight.get<double>());
      }
    }
  }
  EXPECT_GT(largest, 1);
}

TEST(AttentionTest, ObeysTheSearchAskedFor) {
  const Json shown = JsonOf({"--max-length", "4", "--beam-size", "1"});
  EXPECT_LE(shown["attentions"]["cross"]["queries"].size(), 3u);
}

// What stands between the marks.
std::string Between(const std::string& text, const std::string& begin,
                    const std::string& end) {
  const std::size_t from = text.find(begin);
  if (from == std::string::npos) return "";
  const std::size_t to = text.find(end, from + begin.size());
  return text.substr(from + begin.size(), to - from - begin.size());
}

TEST(AttentionTest, PutsHostileTextIntoThePageAsText) {
  const std::string text =
      "</script><script>alert(1)</script> <!-- & \u2028 @REPORT@ @SCRIPT@";
  const Outcome outcome = RunTessera(
      {"attention", "--text", text, "--format", "html", "--max-length", "12"});
  EXPECT_EQ(outcome.code, 0);
  const std::string data =
      Between(outcome.out, "<script type=\"application/json\" id=\"report\">",
              "</script>");
  EXPECT_EQ(data.find_first_of("<>&"), std::string::npos);
  EXPECT_EQ(data.find("\u2028"), std::string::npos);
  EXPECT_EQ(outcome.out.find("alert(1)</script>"), std::string::npos);
  const Json page = Json::parse(data);
  EXPECT_EQ(page["report"]["text"], text);
  EXPECT_EQ(page["report"]["attentions"].size(), 3u);
  EXPECT_EQ(page["shown"],
            Json({{"attention", "cross"}, {"layer", 3}, {"head", nullptr}}));
}

TEST(AttentionTest, LoadsNothingIntoThePage) {
  const Outcome outcome = Attention({"--format", "html"});
  EXPECT_EQ(outcome.code, 0);
  EXPECT_TRUE(outcome.out.starts_with("<!DOCTYPE html>\n"));
  EXPECT_TRUE(outcome.out.ends_with("</html>\n"));
  ExpectContains(outcome.out, "default-src 'none'");
  for (const char* part :
       {"http:", "https:", "//www", " src=", " href=", "url(", "@import",
        "fetch(", "@STYLE@", "@SCRIPT@", "@REPORT@"}) {
    EXPECT_EQ(outcome.out.find(part), std::string::npos) << part;
  }
}

TEST(AttentionTest, WritesIntoAFile) {
  const TestFolder folder;
  const std::string file = folder.Write("page.html", "what was there before");
  const Outcome outcome = Attention({"--format", "html", "--output", file});
  EXPECT_EQ(outcome.code, 0);
  EXPECT_EQ(outcome.out, "");
  EXPECT_TRUE(ReadFile(file) == Attention({"--format", "html"}).out);
}

TEST(AttentionTest, KeepsControlsOutOfTheTerminal) {
  const Outcome outcome = RunTessera(
      {"attention", "--text", "a \x1B[2J b\u202E", "--max-length", "4"});
  EXPECT_EQ(outcome.code, 0);
  EXPECT_EQ(outcome.out.find('\x1B'), std::string::npos);
  EXPECT_EQ(outcome.out.find("\u202E"), std::string::npos);
  ExpectContains(outcome.out, "\uFFFD");
}

TEST(AttentionTest, RefusesWhatIsNotThere) {
  const std::pair<Words, const char*> cases[] = {
      {{"--layer", "0"},
       "--layer: want 1 to 3, the layers of cross attention, found 0"},
      {{"--layer", "4"},
       "--layer: want 1 to 3, the layers of cross attention, found 4"},
      {{"--attention", "encoder", "--layer", "7"},
       "--layer: want 1 to 6, the layers of encoder attention, found 7"},
      {{"--format", "json", "--layer", "4"},
       "--layer: want 1 to 3, the layers of decoder attention, found 4"},
      {{"--format", "html", "--head", "5"},
       "--head: want 1 to 4, the heads of cross attention, found 5"},
      {{"--head", "-1"}, "--head"},
      {{"--head", "99999999999999999999"}, "--head"},
      {{"--layer", "two"}, "--layer"},
      {{"--attention", "self"}, "--attention"},
      {{"--format", "png"}, "--format"},
      {{"--beam-size", "0"}, "--beam-size"},
      {{"--max-length", "1"}, "max_length"},
      {{"--model", "/nonexistent"}, "/nonexistent: want the folder of a model"},
      {{"--output", "/nonexistent/a"}, "/nonexistent/a: want to write, found"},
      {{"--output", "/dev/full"}, "/dev/full: want to write, found: No space"},
      {{"--nonsense"}, "--nonsense"}};
  for (const auto& [options, message] : cases) {
    SCOPED_TRACE(options.back());
    ExpectRefusal(Attention(options), message);
  }
}

TEST(AttentionTest, RefusesTextThatIsNone) {
  ExpectRefusal(RunTessera({"attention"}), "--text");
  const char* const kNone = "text: want at least one token to look at, found";
  ExpectRefusal(RunTessera({"attention", "--text", ""}), kNone);
  ExpectRefusal(RunTessera({"attention", "--text", " \t"}), kNone);
  ExpectRefusal(RunTessera({"attention", "--text", "caf\xC3"}),
                "want UTF-8, found byte 0xC3 at offset 3");
}

TEST(AttentionTest, LeavesTheOutputFileAloneUntilThereIsSomethingToWrite) {
  const TestFolder folder;
  const std::string file = folder.Write("page", "precious\n");
  EXPECT_EQ(Attention({"--output", file, "--layer", "9"}).code, 2);
  EXPECT_EQ(RunTessera({"attention", "--text", "", "--output", file}).code, 2);
  EXPECT_EQ(ReadFile(file), "precious\n");
}

TEST(AttentionTest, TeachesItsOptionsWithExamples) {
  const Outcome outcome = RunTessera({"attention", "--help"});
  EXPECT_EQ(outcome.code, 0);
  for (const char* part :
       {"Examples:\n", "--format html --output", "--text TEXT", "--model DIR",
        "--attention", "--layer N", "--head N", "--beam-size N",
        "--max-length N", "--format", "--output FILE"}) {
    ExpectContains(outcome.out, part);
  }
}

}  // namespace
}  // namespace tessera
