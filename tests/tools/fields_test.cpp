// Fields of lines and of objects that `tessera translate` reads.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "tests/tools/process.h"
#include "tests/tools/refusal.h"

namespace tessera {
namespace {

using Json = nlohmann::json;

std::string Translated(const std::string& line) {
  return Lines(RunTessera({"translate"}, line + "\n").out)[0];
}

TEST(FieldsTest, TranslatesAFieldAndPassesTheOthersOn) {
  const std::string hello = Translated("Hello!");
  EXPECT_EQ(RunTessera({"translate", "--input-format", "tsv", "--column", "2"},
                       "7\tHello!\t x \n\tHello!\n8\t\t9\n")
                .out,
            "7\t" + hello + "\t x \n\t" + hello + "\n8\t\t9\n");
  EXPECT_EQ(
      RunTessera({"translate", "--input-format", "tsv"}, "Hello!\t1\n").out,
      hello + "\t1\n");
  const Outcome outcome = RunTessera(
      {"translate", "--input-format", "tsv", "--column", "3"}, "a\tb\n");
  EXPECT_EQ(outcome.code, 2);
  EXPECT_EQ(outcome.out, "\n");
  EXPECT_EQ(outcome.err, "tessera: line 1: want a field 3, found fewer\n");
  const Json line = Json::parse(
      RunTessera({"translate", "--input-format", "tsv", "--format", "json"},
                 "Hello!\t1\n")
          .out);
  EXPECT_EQ(line["source"], "Hello!");
  EXPECT_EQ(line["fields"], (Json{"Hello!", "1"}));
  ExpectRefusal(
      RunTessera({"translate", "--input-format", "tsv", "--column", "x"}, ""),
      "--column");
  ExpectRefusal(RunTessera({"translate", "--column", "1"}, ""), "--column");
}

TEST(FieldsTest, TranslatesAStringOfAnObjectByItsOptions) {
  const Outcome outcome = RunTessera(
      {"translate", "--input-format", "jsonl", "--column", "en"},
      R"({"id":7,"en":"Hello!","x":[1,{"a":null}]})"
      "\n"
      R"({"en":"I am tired.","options":{"max_new_tokens":2,"beam_size":1}})"
      "\n"
      R"({"en":5})"
      "\nno object\n"
      R"({"en":"a","options":{"beam_size":0}})"
      "\n"
      R"({"en":"a","options":{"beam":1}})"
      "\n");
  EXPECT_EQ(outcome.code, 3);
  const std::vector<std::string> lines = Lines(outcome.out);
  ASSERT_EQ(lines.size(), 6u);
  EXPECT_EQ(lines[0], R"({"id":7,"en":"Hello!","x":[1,{"a":null}],)"
                      R"("translation":")" +
                          Translated("Hello!") + "\"}");
  const std::string cut = Lines(
      RunTessera({"translate", "--max-new-tokens", "2", "--beam-size", "1"},
                 "I am tired.\n")
          .out)[0];
  EXPECT_EQ(Json::parse(lines[1])["translation"], cut);
  EXPECT_EQ(outcome.err,
            "tessera: line 3: key \"en\": want a string, found none\n"
            "tessera: line 4: want a JSON object, found none\n"
            "tessera: line 5: beam_size: want 1 to 64, found 0\n"
            "tessera: line 6: options: want an option that there is, found "
            "\"beam\"\n");
  const Json whole = Json::parse(
      RunTessera({"translate", "--input-format", "jsonl", "--format", "json"},
                 R"({"id":7,"text":"Hello!"})")
          .out);
  EXPECT_EQ(whole["id"], 7);
  EXPECT_EQ(whole["translations"][0]["text"], Translated("Hello!"));
}

TEST(FieldsTest, RefusesObjectsThatAreNestedDeeply) {
  std::string line = R"({"text":"Hello!","x":)" + std::string(100'000, '[') +
                     std::string(100'000, ']') + "}\n";
  for (const char* format : {"text", "json"}) {
    const Outcome outcome = RunTessera(
        {"translate", "--input-format", "jsonl", "--format", format}, line);
    EXPECT_EQ(outcome.code, 2);
    EXPECT_EQ(outcome.err, "tessera: line 1: want a JSON object, found none\n");
  }
}

// Whatever was found is quoted, not repeated: lines may be as long as they
// like.
TEST(FieldsTest, RefusesOptionsInShortMessages) {
  const std::string many(100'000, 'x');
  const std::string list =
      "[" + std::string(100'000, ' ') + "[" + std::string(99'999, '1') + "]]";
  for (const std::string& options :
       {'"' + many + '"', "{\"" + many + "\":1}",
        R"({"beam_size":")" + many + "\"}", R"({"sample":{")" + many + "\":1}}",
        R"({"length_penalty":)" + list + "}", R"({"keep":)" + list + "}",
        R"({"split":")" + many + "\"}", R"({"bad_words":[[")" + many + "\"]]}",
        R"({"source_lang":")" + many + "\"}"}) {
    SCOPED_TRACE(options.substr(0, 40));
    const Outcome outcome =
        RunTessera({"translate", "--input-format", "jsonl"},
                   R"({"text":"Hello!","options":)" + options + "}\n");
    EXPECT_EQ(outcome.code, 2);
    EXPECT_EQ(Lines(outcome.err).size(), 1u);
    EXPECT_TRUE(outcome.err.starts_with("tessera: line 1: ")) << outcome.err;
    EXPECT_LE(outcome.err.size(), 300u) << outcome.err;
  }
}

// Each option in an object does what it does as an option of the program.
TEST(FieldsTest, ObeysTheOptionsOfAnObject) {
  const std::vector<std::pair<std::string, std::vector<std::string>>> cases = {
      {R"("beam_size":2,"length_penalty":0.3,"early_stopping":true)",
       {"--beam-size", "2", "--length-penalty", "0.3", "--early-stopping",
        "true"}},
      {R"("early_stopping":"never","n_best":2)",
       {"--early-stopping", "never", "--n-best", "2"}},
      {R"("max_length":4)", {"--max-length", "4"}},
      {R"("min_new_tokens":12,"length_decay":[3,1.5])",
       {"--min-new-tokens", "12", "--length-decay", "3:1.5"}},
      {R"("repetition_penalty":2,"encoder_repetition_penalty":1.5)",
       {"--repetition-penalty", "2", "--encoder-repetition-penalty", "1.5"}},
      {R"("no_repeat_ngram_size":1,"suppress_tokens":[5,6])",
       {"--no-repeat-ngram-size", "1", "--suppress-tokens", "5,6"}},
      {R"("bad_words":[[17,4],[9]],"sequence_bias":[[[17],-2.5]])",
       {"--bad-words-ids", "17,4", "--bad-words-ids", "9", "--sequence-bias",
        "17:-2.5"}},
      {R"("target_prefix":[17,4],"forced_last_token":0,"max_new_tokens":5)",
       {"--target-prefix-ids", "17,4", "--forced-last-token", "0",
        "--max-new-tokens", "5"}},
      {R"("required_words":[[17]],"beam_size":4)",
       {"--required-words-ids", "17", "--beam-size", "4"}},
      {R"("beam_groups":2,"diversity_penalty":0.5,"beam_size":4)",
       {"--beam-groups", "2", "--diversity-penalty", "0.5", "--beam-size",
        "4"}},
      {R"("alternatives":3,"beam_size":1)",
       {"--alternatives", "3", "--beam-size", "1"}},
      {R"("sample":true,"seed":7,"temperature":2,"top_k":9,"top_p":0.9,)"
       R"("beam_size":1)",
       {"--sample", "--seed", "7", "--temperature", "2", "--top-k", "9",
        "--top-p", "0.9", "--beam-size", "1"}},
      {R"("split":"none","normalize":true,"time_limit":1000)",
       {"--split", "none", "--normalize", "--time-limit", "1000"}},
      {R"("keep":["tired"],"keep_placeholders":true)",
       {"--keep", "tired", "--keep-placeholders"}}};
  std::string input;
  for (const auto& [json, options] : cases) {
    input +=
        R"({"text":"Where is it? I am tired.","options":{)" + json + "}}\n";
  }
  const std::vector<std::string> lines = Lines(
      RunTessera({"translate", "--input-format", "jsonl", "--format", "json"},
                 input)
          .out);
  ASSERT_EQ(lines.size(), cases.size());
  for (std::size_t i = 0; i < cases.size(); ++i) {
    SCOPED_TRACE(cases[i].first);
    std::vector<std::string> program = cases[i].second;
    program.insert(program.begin(), {"translate", "--format", "json"});
    const Outcome outcome = RunTessera(program, "Where is it? I am tired.\n");
    EXPECT_EQ(Json::parse(lines[i])["translations"],
              Json::parse(outcome.out)["translations"]);
  }
}

TEST(FieldsTest, RefusesOptionsOfAnObjectThatAreNone) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"[]", "want an object, found []"},
      {R"({"beam_size":-1})", "beam_size: want a count, found -1"},
      {R"({"top_p":"1"})", "top_p: want a number, found \"1\""},
      {R"({"sample":1})", "sample: want true or false, found 1"},
      {R"({"bad_words":[[-1]]})", "bad_words: want token ids, found [[-1]]"},
      {R"({"bad_words":[7]})", "bad_words: want a list, found [7]"},
      {R"({"suppress_tokens":[4294967297]})",
       "suppress_tokens: want token ids, found [4294967297]"},
      {R"({"sequence_bias":[[[1]]]})",
       "sequence_bias: want [[ids], bias], found [[[1]]]"},
      {R"({"length_decay":3})", "length_decay: want [start, factor], found 3"},
      {R"({"early_stopping":"no"})",
       "early_stopping: want true, false, \"never\" or \"top_beam\", found "
       "\"no\""},
      {R"({"split":1})", "split: want \"none\" or \"sentences\", found 1"},
      {R"({"time_limit":0})",
       "time_limit: want seconds from 0.001 to 1e6, found 0"},
      {R"({"source_lang":null})", "source_lang: want a string, found null"}};
  for (const auto& [options, error] : cases) {
    const Outcome outcome =
        RunTessera({"translate", "--input-format", "jsonl"},
                   R"({"text":"a","options":)" + options + "}\n");
    EXPECT_EQ(outcome.code, 2);
    EXPECT_EQ(outcome.err, "tessera: line 1: options: " + error + "\n");
  }
}

}  // namespace
}  // namespace tessera
