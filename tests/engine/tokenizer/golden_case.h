// A tokenizer of golden files: the folder that one describes, and what every
// one of them says.
#ifndef TESSERA_TESTS_ENGINE_TOKENIZER_GOLDEN_CASE_H_
#define TESSERA_TESTS_ENGINE_TOKENIZER_GOLDEN_CASE_H_

#include <gtest/gtest.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "engine/tokenizer/tokenizer.h"
#include "tests/engine/tokenizer/scratch_folder.h"

namespace tessera::engine {

using Ids = std::vector<std::int32_t>;
using nlohmann::json;

// tools/golden/families_tokenizer.py writes these, with texts for all.
inline std::filesystem::path FamiliesFolder() {
  return std::filesystem::path(TESSERA_SOURCE_DIR) /
         "tests/golden/tokenizer/families";
}

class GoldenCase : public testing::TestWithParam<std::string> {
 protected:
  // `bytes` gives those of a file by what the golden file says of it.
  template <class Bytes>
  GoldenCase(const std::filesystem::path& file, Bytes&& bytes)
      : golden_(json::parse(ReadBytes(file))) {
    for (const auto& [name, content] : golden_["files"].items()) {
      folder_.Write(name, bytes(content, golden_));
    }
    folder_.Write("tokenizer_config.json", golden_["config"].dump());
    tokenizer_ = LoadTokenizer(models::ModelFolder(folder_.path()));
    if (golden_["languages"].is_null()) return;
    languages_ = {.source = golden_["languages"][0].get<std::string>(),
                  .target = golden_["languages"][1].get<std::string>()};
  }

  EncodedText Encode(const std::string& text) const {
    return tokenizer_->EncodeFor(languages_, text);
  }

  void ExpectSamples() const {
    for (const json& sample : golden_["samples"]) {
      const Ids ids = Encode(sample["text"].get<std::string>()).ids;
      EXPECT_EQ(ids, sample["ids"].get<Ids>())
          << sample["text"].dump(-1, ' ', true);
      EXPECT_EQ(tokenizer_->Decode(ids), sample["back"].get<std::string>());
    }
  }
  void ExpectTextsOfIds() const {
    ASSERT_GE(golden_["decode"].size(), 70u);
    for (const json& entry : golden_["decode"]) {
      EXPECT_EQ(tokenizer_->Decode(entry["ids"].get<Ids>()),
                entry["text"].get<std::string>())
          << entry["ids"];
    }
  }
  // Of a model with languages: outputs begin with the target's, as a prompt or
  // as their first token.
  void ExpectOutputsBegin(const EncodedText& encoded, bool prompted) const {
    EXPECT_EQ(tokenizer_->languages().empty(), golden_["languages"].is_null());
    if (golden_["languages"].is_null()) {
      EXPECT_TRUE(encoded.prompt.empty());
      EXPECT_EQ(encoded.forced_first, std::nullopt);
      return;
    }
    const auto language = golden_["languages"][2].get<std::int32_t>();
    if (prompted) {
      EXPECT_EQ(encoded.prompt, Ids{language});
    } else {
      EXPECT_EQ(encoded.forced_first, language);
      EXPECT_TRUE(encoded.prompt.empty());
    }
  }
  // A mask that stands last may be among the ids and in no table.
  void ExpectEveryIdHasAPiece() const {
    const std::size_t size = golden_["vocabulary"].get<std::size_t>();
    EXPECT_GE(size, tokenizer_->source_size());
    EXPECT_LE(size, tokenizer_->source_size() + 1);
    for (std::size_t id = 0; id < size; ++id) {
      EXPECT_NE(tokenizer_->Piece(static_cast<std::int32_t>(id)), "") << id;
    }
    EXPECT_TRUE(tokenizer_->target_end().has_value());
  }

  const json golden_;
  ScratchFolder folder_;
  std::unique_ptr<Tokenizer> tokenizer_;
  Languages languages_;
};

}  // namespace tessera::engine

#endif  // TESSERA_TESTS_ENGINE_TOKENIZER_GOLDEN_CASE_H_
