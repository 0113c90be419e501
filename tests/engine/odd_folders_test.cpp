// Folders as people make them by hand, of every family: they run as if nothing
// were odd.
#include <gtest/gtest.h>
#include <tessera/translator.h>

#include <filesystem>
#include <string>
#include <vector>

#include "tests/engine/families_case.h"
#include "tests/models/weights/rewritten_weights.h"

namespace tessera::engine {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

class OddFoldersTest : public FamiliesCase {
 protected:
  OddFoldersTest() : text_(golden_["texts"][3]["text"].get<std::string>()) {}

  Translation Translate(const std::string& text) const {
    const Translator translator(folder_.path(),
                                {.threads = 1, .precision = Precision::kF32});
    return translator.Translate(text, options_);
  }
  std::vector<std::int32_t> Output() const {
    const Translation result = Translate(text_);
    EXPECT_EQ(result.error, "");
    return result.error.empty() ? result.hypotheses.at(0).ids
                                : std::vector<std::int32_t>();
  }
  bool Has(const char* name) const { return fs::exists(folder_.path() / name); }
  std::string Read(const char* name) const {
    return ReadBytes(folder_.path() / name);
  }
  // With more keys in a JSON object.
  void Append(const char* name, const std::string& keys) const {
    std::string file = Read(name);
    file.resize(file.find_last_of('}'));
    const bool empty = file[file.find_last_not_of(" \n")] == '{';
    folder_.Write(name, file + (empty ? "" : ", ") + keys + "}");
  }

  const std::string text_;
};

TEST_P(OddFoldersTest, JsonIsReadAsPythonReadsIt) {
  const auto expected = Output();
  for (const char* name :
       {"config.json", "generation_config.json", "tokenizer_config.json"}) {
    Append(name, R"("x1": 1, "x1": {"x1": 2, "x1": NaN}, "x2": -Infinity)");
    Append(name, R"("x3": "\ud83d", "\udc00": "NaN \"Infinity")");
    Append(name, R"("x4": 1000000000000000019884624838656, "x5": [1e-400])");
  }
  EXPECT_EQ(Output(), expected);
}

TEST_P(OddFoldersTest, TheLastOfAKeyCounts) {
  const auto expected = Output();
  folder_.Write("config.json", R"({"d_model": 3, "vocab_size": "x",)" +
                                   Read("config.json").substr(1));
  folder_.Write("generation_config.json",
                R"({"num_beams": 0, "eos_token_id": [],)" +
                    Read("generation_config.json").substr(1));
  Append("generation_config.json", R"("num_beams": 3)");
  EXPECT_EQ(Output(), expected);
}

TEST_P(OddFoldersTest, PiecesMayShareAnIdOrBeNoText) {
  if (!Has("vocab.json")) return;
  const auto expected = Output();
  Append("vocab.json", R"("zz one": 9, "zz two": 9, "zz two": 10)");
  Append("vocab.json", R"("\ud83d": 11, "\ude00 x": 12)");
  EXPECT_EQ(Output(), expected);
}

TEST_P(OddFoldersTest, TokensWithoutEmbeddingsFailTheTextsThatHaveThem) {
  const auto expected = Output();
  json config = json::parse(Read("tokenizer_config.json"));
  if (config.contains("added_tokens_decoder")) {  // which is all that counts
    config["added_tokens_decoder"]["50000"] = {{"content", "<zyx>"}};
    config["added_tokens_decoder"]["50001"] = {{"content", "<zyw>"}};
    folder_.Write("tokenizer_config.json", config.dump());
  }
  folder_.Write("added_tokens.json",
                R"({"<zyx>": 50000, "<zyw>": 1, "<zyw>": 50001})");
  EXPECT_EQ(Output(), expected);
  for (const char* token : {"<zyx>", "<zyw>"}) {
    const Translation failed = Translate(text_ + token);
    EXPECT_NE(failed.error.find(std::string("token \"") + token +
                                "\": want an id below "),
              std::string::npos)
        << failed.error;
  }
}

TEST_P(OddFoldersTest, WeightsMayBeFloat64) {
  const auto expected = Output();
  models::WholeTensors tensors = models::ReadWeights(folder_.path());
  // Some first, then all; then in a file of PyTorch's.
  for (std::size_t i = 0; i < tensors.size(); i += 2) {
    tensors[i] = models::AsDoubles(tensors[i]);
  }
  folder_.Write("model.safetensors", models::SafetensorsOf(tensors));
  EXPECT_EQ(Output(), expected);
  for (std::size_t i = 1; i < tensors.size(); i += 2) {
    tensors[i] = models::AsDoubles(tensors[i]);
  }
  folder_.Write("model.safetensors", models::SafetensorsOf(tensors));
  EXPECT_EQ(Output(), expected);
  fs::remove(folder_.path() / "model.safetensors");
  folder_.Write("pytorch_model.bin", models::TorchFileOf(tensors));
  EXPECT_EQ(Output(), expected);
}

INSTANTIATE_TEST_SUITE_P(Families, OddFoldersTest, Families(),
                         [](const auto& test) { return test.param; });

}  // namespace
}  // namespace tessera::engine
