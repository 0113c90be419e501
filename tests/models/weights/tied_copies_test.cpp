// Stored copies of tied matrices that differ: what is read, and what is told.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "models/config/config_values.h"
#include "models/model.h"
#include "tests/models/bad_model_corpus_draft.h"
#include "tests/models/weights/tensor_folder.h"

namespace tessera::models {
namespace {

using Values = std::vector<float>;

const std::string kEncoder = "encoder.embed_tokens.weight";
const std::string kDecoder = "decoder.embed_tokens.weight";
const std::string kOutput = "lm_head.weight";

// What each matrix holds, all of whose values are one, by its first value.
struct Read {
  float encoder, decoder, output;
  bool operator==(const Read&) const = default;
};

// Of a folder with these tensors [2, 3], each filled with its number.
class TiedCopiesTest : public testing::Test {
 protected:
  void Add(const std::string& name, float value) {
    tensors_.Add(name, {2, 3}, Values(6, value));
  }
  Read ReadAll(const TokenTables& tables) {
    TensorNames names = {.prefix = "model.", .rules = {}};
    AddTokenRules(tables, names.rules);
    const MatrixSource source = tensors_.Source(names);
    const auto first = [&](const char* name) {
      return source.Rows(name, 2, 3)[0];
    };
    const Read read = {first("encoder.tokens"), first("decoder.tokens"),
                       first("output")};
    differing_ = source.totals().differing;
    return read;
  }

  TensorFolder tensors_;
  std::set<std::pair<std::string, std::string>> differing_;
};

TEST_F(TiedCopiesTest, TheFirstThatIsThereIsAllOfThem) {
  Add("model.shared.weight", 1);
  Add("model." + kEncoder, 2);
  Add("model." + kDecoder, 3);
  Add(kOutput, 4);
  EXPECT_EQ(ReadAll({}), (Read{1, 1, 1}));
  EXPECT_EQ(differing_.size(), 3u);
  EXPECT_EQ(tensors_.Unused(),
            (std::vector<std::string>{kOutput, "model." + kDecoder,
                                      "model." + kEncoder}));
}

TEST_F(TiedCopiesTest, OrEachIsReadUnderItsOwnName) {
  Add("model.shared.weight", 1);
  Add("model." + kEncoder, 2);
  Add(kOutput, 4);
  EXPECT_EQ(ReadAll({.own_copies = true}), (Read{2, 1, 4}));
  EXPECT_TRUE(differing_.contains({kOutput, "model.shared.weight"}));
  EXPECT_TRUE(tensors_.Unused().empty());
}

TEST_F(TiedCopiesTest, AnyOneOfThemWillDo) {
  for (const bool own : {false, true}) {
    for (const std::string& name :
         {std::string("shared.weight"), kEncoder, kDecoder, kOutput}) {
      TensorFolder only;
      only.Add(name, {2, 3}, Values(6, 5));
      TensorNames names = {.prefix = "model.", .rules = {}};
      AddTokenRules({.own_copies = own}, names.rules);
      const MatrixSource source = only.Source(names);
      EXPECT_TRUE(source.SameMatrix("decoder.tokens", "output")) << name;
      EXPECT_TRUE(source.SameMatrix("decoder.tokens", "encoder.tokens"));
      EXPECT_EQ(source.Rows("output", 2, 3)[0], 5);
      EXPECT_TRUE(source.totals().differing.empty());
    }
  }
}

TEST_F(TiedCopiesTest, EqualCopiesAreNoMatter) {
  Add("model.shared.weight", 1);
  Add("model." + kEncoder, 1);
  Add(kOutput, 1);
  for (const bool own : {false, true}) {
    EXPECT_EQ(ReadAll({.own_copies = own}), (Read{1, 1, 1}));
    EXPECT_TRUE(differing_.empty());
    EXPECT_TRUE(tensors_.Unused().empty());
  }
}

TEST_F(TiedCopiesTest, WhatIsNotTiedMayDiffer) {
  Add("model.shared.weight", 1);
  Add(kOutput, 4);
  EXPECT_EQ(ReadAll({.tied = false}), (Read{1, 1, 4}));
  EXPECT_TRUE(differing_.empty());
}

TEST_F(TiedCopiesTest, WithTwoVocabulariesTheTargetsEmbeddingIsTheOutput) {
  Add("model." + kEncoder, 2);
  Add("model." + kDecoder, 3);
  Add(kOutput, 4);
  EXPECT_EQ(ReadAll({.shared = false}), (Read{2, 3, 3}));
  EXPECT_EQ(ReadAll({.shared = false, .own_copies = true}), (Read{2, 3, 4}));
}

TEST(TiedCopiesVersionTest, IsThatOfConfigJson) {
  const auto keeps = [](const std::string& version) {
    return KeepsTiedCopies(JsonObject::Parse(
        "config.json", "{\"transformers_version\": " + version + "}"));
  };
  EXPECT_TRUE(keeps("\"5.0.0\""));
  EXPECT_TRUE(keeps("\"5.24.0.dev0\""));
  EXPECT_TRUE(keeps("\"12.1\""));
  EXPECT_FALSE(keeps("\"4.57.6\""));
  EXPECT_FALSE(keeps("\"4\""));
  EXPECT_FALSE(keeps("\"\""));
  EXPECT_FALSE(keeps("null"));
  EXPECT_FALSE(KeepsTiedCopies(JsonObject::Parse("config.json", "{}")));
}

// A whole model with another lm_head.weight.
std::vector<std::string> WarningsOf(const std::string& version) {
  ModelDraft draft = TinyMarian();
  const std::size_t begin = draft.data.size();
  draft.data += draft.data.substr(4, 8 * 4 * 4 - 4) + std::string(4, '\0');
  draft.header.emplace_back(
      "lm_head.weight",
      "{\"dtype\":\"F32\",\"shape\":[8,4],\"data_offsets\":[" +
          std::to_string(begin) + "," + std::to_string(draft.data.size()) +
          "]}");
  ModelDraft::Set(draft.config, "transformers_version", "\"" + version + "\"");
  const TestFolder folder;
  draft.Write(folder.path());
  const ModelFolder opened(folder.path());
  LoadModel(opened);
  return opened.warnings();
}

TEST(TiedCopiesWarningTest, NamesBothMatricesAndTheRule) {
  EXPECT_EQ(WarningsOf("4.57.6"),
            (std::vector<std::string>{
                "lm_head.weight: not used, as it differs from "
                "model.shared.weight, which it is tied to (as in Transformers "
                "4)"}));
  EXPECT_EQ(WarningsOf("5.2.0"),
            (std::vector<std::string>{
                "model.shared.weight: differs from lm_head.weight, which it is "
                "tied to; both are used (as in Transformers 5, which wrote "
                "config.json)"}));
}

}  // namespace
}  // namespace tessera::models
