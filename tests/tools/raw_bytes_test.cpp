// Bytes of files, names and options on the way to a terminal.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tests/tools/process.h"

namespace tessera {
namespace {

using Json = nlohmann::json;
using Words = std::vector<std::string>;

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

TEST(RawBytesTest, NeverReachATerminal) {
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

}  // namespace
}  // namespace tessera
