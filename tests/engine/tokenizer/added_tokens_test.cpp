// Added tokens of every class against Hugging Face's, and their limits.
#include "engine/tokenizer/added_tokens.h"

#include <gtest/gtest.h>
#include <tessera/error.h>

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "engine/tokenizer/tokenizer.h"
#include "tests/engine/tokenizer/scratch_folder.h"

namespace tessera::engine {
namespace {

using Ids = std::vector<std::int32_t>;
using nlohmann::json;

const std::filesystem::path kGolden =
    std::filesystem::path(TESSERA_SOURCE_DIR) / "tests/golden/tokenizer";

const std::vector<json>& Cases() {
  static const auto cases =
      json::parse(ReadBytes(kGolden / "added.json")).get<std::vector<json>>();
  return cases;
}

class GoldenAddedTokensTest : public testing::TestWithParam<std::size_t> {
 protected:
  GoldenAddedTokensTest() : golden_(Cases()[GetParam()]) {
    for (const auto& [name, file] : golden_["files"].items()) {
      folder_.Write(name, ReadBytes(kGolden / file.get<std::string>()));
    }
    for (const auto& [key, name] :
         {std::pair("config", "tokenizer_config.json"),
          {"added", "added_tokens.json"},
          {"map", "special_tokens_map.json"}}) {
      const json& value = golden_[key];
      if (!value.is_null()) folder_.Write(name, value.dump());
    }
    tokenizer_ = LoadTokenizer(models::ModelFolder(folder_.path()));
  }

  const json& golden_;
  ScratchFolder folder_;
  std::unique_ptr<Tokenizer> tokenizer_;
};

TEST_P(GoldenAddedTokensTest, AreOneIdInATextAndTextInAnOutput) {
  ASSERT_GE(golden_["encode"].size(), 30u);
  // Of models with languages both must be asked for.
  const auto languages = tokenizer_->languages();
  Languages asked;
  if (golden_["config"].contains("src_lang")) asked.target = languages[0];
  for (const json& pair : golden_["encode"]) {
    const auto text = pair[0].get<std::string>();
    EXPECT_EQ(tokenizer_->EncodeFor(asked, text).ids, pair[1].get<Ids>())
        << text;
  }
  for (const json& pair : golden_["decode"]) {
    EXPECT_EQ(tokenizer_->Decode(pair[0].get<Ids>()),
              pair[1].get<std::string>())
        << pair[0];
  }
}

INSTANTIATE_TEST_SUITE_P(
    All, GoldenAddedTokensTest, testing::Range(std::size_t{0}, Cases().size()),
    [](const auto& test) {
      return Cases()[test.param]["name"].template get<std::string>();
    });

// {"one", "two"} with ids from 10 on.
AddedTokens Make(const std::vector<AddedToken>& tokens) {
  AddedTokens added;
  std::int32_t id = 10;
  for (const AddedToken& token : tokens) added.Add(id++, token);
  return added;
}

// "text|<10>|text"
std::string Shown(const AddedTokens& added, std::string_view text) {
  std::string shown;
  for (const AddedTokens::Part& part : added.Cut(text)) {
    if (!shown.empty()) shown += '|';
    if (!part.id) {
      shown += part.text;
      continue;
    }
    shown.append("<").append(std::to_string(*part.id)) += '>';
  }
  return shown;
}

TEST(AddedTokensTest, CutsAtTheLongestTokenOfTheLeftmostPlace) {
  const AddedTokens added =
      Make({{.content = "ab"}, {.content = "abcd"}, {.content = "bcde"}});
  EXPECT_EQ(Shown(added, "xabcdex"), "x|<11>|ex");
  EXPECT_EQ(Shown(added, "abcabcd"), "<10>|c|<11>");
  EXPECT_EQ(Shown(added, "bcdeab"), "<12>|<10>");
  EXPECT_EQ(Shown(added, "bcd"), "bcd");
  EXPECT_EQ(Shown(added, ""), "");
  EXPECT_EQ(Shown(AddedTokens(), "abcd"), "abcd");
}

TEST(AddedTokensTest, KeepsControlTokensOutOfTexts) {
  const AddedTokens added =
      Make({{.content = "<e>", .special = true, .in_texts = false},
            {.content = "<s>", .special = true},
            {.content = "<t>"}});
  EXPECT_EQ(Shown(added, "<e><s><t>"), "<e>|<11>|<12>");
  const auto none = [](std::int32_t) { return false; };
  const auto join = [](std::span<const std::int32_t> run) {
    return std::string(run.size(), 'x');
  };
  EXPECT_EQ(added.Decode(Ids{10, 1, 2, 11, 12, 3, 10}, none, join), "xx <t> x");
  EXPECT_EQ(added.Decode(Ids{12, 12, 10}, none, join), "<t> <t>");
  EXPECT_EQ(added.Decode(Ids{}, none, join), "");
}

TEST(AddedTokensTest, CountsTheLastTokenOfAnIdAndTheLastIdOfAContent) {
  AddedTokens added = Make({{.content = "a"}, {.content = "b"}});
  added.Add(12, {.content = "a"});
  EXPECT_EQ(added.Id("a"), 12);
  EXPECT_EQ(added.Find(10)->content, "a");
  added.Add(11, {.content = "c"});
  EXPECT_EQ(added.Find(11)->content, "c");
  EXPECT_EQ(added.Find(13), nullptr);
  EXPECT_EQ(added.size(), 13u);
  added.Add(99, {.content = "<mask>"});
  EXPECT_EQ(added.size(), 13u);
}

TEST(AddedTokensTest, TakesTimeWithTheLengthOfTheText) {
  std::vector<AddedToken> tokens;
  for (std::size_t i = 1; i <= AddedTokens::kMaxBytes; ++i) {
    tokens.push_back({.content = std::string(i, 'a') + "b"});
  }
  const AddedTokens added = Make(tokens);
  const std::string text(1 << 16, 'a');
  EXPECT_EQ(Shown(added, text), text);
}

TEST(AddedTokensTest, RefusesTokensThatAreTooLong) {
  ScratchFolder folder;
  const AddedTokens::Base base = {
      .entries = 3,
      .find = [](auto) { return std::nullopt; },
      .is_control = [](const auto&) { return false; }};
  const auto read = [&](std::size_t bytes) {
    folder.Write("added_tokens.json",
                 "{\"" + std::string(bytes, 'a') + "\": 7}");
    AddedTokens added;
    added.Read(models::ModelFolder(folder.path()), base);
    return added.size();
  };
  EXPECT_EQ(read(AddedTokens::kMaxBytes), 8u);
  EXPECT_THROW(read(AddedTokens::kMaxBytes + 1), Error);
}

}  // namespace
}  // namespace tessera::engine
