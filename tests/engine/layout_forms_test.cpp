// The same folders in every other form that save_pretrained has for them.
#include <gtest/gtest.h>
#include <tessera/translator.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "tests/engine/layouts_case.h"
#include "tests/models/weights/rewritten_weights.h"

namespace tessera::engine {
namespace {

namespace fs = std::filesystem;
using models::WholeTensor;
using nlohmann::json;

struct Form {
  const char* file;
  const char* suffix;
  std::string (*write)(std::span<const WholeTensor>);
  std::size_t shards;
};
constexpr std::array<Form, 4> kForms = {
    {{"model", ".safetensors", models::SafetensorsOf, 3},
     {"pytorch_model", ".bin", models::TorchFileOf, 3},
     {"model", ".safetensors", models::SafetensorsOf, 1},
     {"pytorch_model", ".bin", models::TorchFileOf, 1}}};

// Under AddressSanitizer, 20 times slower, the first forms and one text.
#ifdef __SANITIZE_ADDRESS__
constexpr std::size_t kTriedForms = 2;
constexpr std::size_t kTexts = 1;
#else
constexpr std::size_t kTriedForms = kForms.size();
constexpr std::size_t kTexts = 4;
#endif

void WriteWeights(const ScratchFolder& folder,
                  std::span<const WholeTensor> tensors, const Form& form) {
  if (form.shards == 1) {
    folder.Write(std::string(form.file) + form.suffix, form.write(tensors));
    return;
  }
  json map;
  for (std::size_t i = 0; i < form.shards; ++i) {
    const std::size_t begin = tensors.size() * i / form.shards;
    const std::size_t end = tensors.size() * (i + 1) / form.shards;
    const auto part = tensors.subspan(begin, end - begin);
    const std::string name = form.file + ("-0000" + std::to_string(i + 1)) +
                             "-of-0000" + std::to_string(form.shards) +
                             form.suffix;
    folder.Write(name, form.write(part));
    for (const WholeTensor& tensor : part) map[tensor.info.name] = name;
  }
  folder.Write(std::string(form.file) + form.suffix + ".index.json",
               json{{"weight_map", map}}.dump());
}

class LayoutFormsTest : public LayoutsTest {
 protected:
  std::vector<std::string> Texts() const {
    std::vector<std::string> texts;
    for (const json& entry : golden_["texts"]) {
      texts.push_back(entry["text"].get<std::string>());
    }
    texts.resize(std::min(texts.size(), kTexts));
    return texts;
  }

  // The outputs of a folder, with its own settings.
  std::vector<std::vector<std::int32_t>> Outputs(const fs::path& folder) const {
    const Translator translator(folder,
                                {.threads = 1, .precision = Precision::kF32});
    std::vector<std::vector<std::int32_t>> outputs;
    for (const auto& result : translator.TranslateAll(Texts(), options_)) {
      EXPECT_EQ(result.error, "");
      outputs.push_back(result.hypotheses.at(0).ids);
    }
    return outputs;
  }

  // A copy of the folder's files for which `keeps` says so.
  template <class Keeps>
  void CopyTo(const ScratchFolder& copy, Keeps keeps) const {
    for (const auto& entry : fs::directory_iterator(folder_.path())) {
      const std::string name = entry.path().filename().string();
      if (keeps(name)) fs::copy_file(entry.path(), copy.path() / name);
    }
  }
};

TEST_P(LayoutFormsTest, WeightsAreTheSameInEveryForm) {
  const models::WholeTensors tensors = models::ReadWeights(folder_.path());
  ASSERT_GT(tensors.size(), 10u);
  const auto expected = Outputs(folder_.path());
  for (const Form& form : std::span(kForms).first(kTriedForms)) {
    SCOPED_TRACE(std::string(form.file) + std::to_string(form.shards));
    const ScratchFolder copy;
    CopyTo(copy,
           [](const std::string& name) { return !models::IsWeightFile(name); });
    WriteWeights(copy, tensors, form);
    EXPECT_EQ(Outputs(copy.path()), expected);
  }
}

// As before Transformers 4.26, which wrote no generation_config.json.
TEST_P(LayoutFormsTest, SettingsAreTheSameInConfigJson) {
  const fs::path settings = folder_.path() / "generation_config.json";
  if (!fs::exists(settings)) return;  // they are there
  json config = json::parse(ReadBytes(folder_.path() / "config.json"));
  // What the class would fill in.
  for (const char* key : {"forced_bos_token_id", "forced_eos_token_id",
                          "encoder_no_repeat_ngram_size"}) {
    config[key] = nullptr;
  }
  config.update(json::parse(ReadBytes(settings)));
  const ScratchFolder copy;
  CopyTo(copy, [](const std::string& name) {
    return name != "config.json" && name != "generation_config.json";
  });
  copy.Write("config.json", config.dump());
  EXPECT_EQ(Outputs(copy.path()), Outputs(folder_.path()));
}

TEST_P(LayoutFormsTest, TokenizerJsonIsEnough) {
  if (!fs::exists(folder_.path() / "tokenizer.json")) return;
  const ScratchFolder copy;
  CopyTo(copy, [](const std::string& name) {
    return name != "vocab.json" && name != "merges.txt" &&
           name != "added_tokens.json" && name != "special_tokens_map.json" &&
           !name.ends_with(".model");
  });
  EXPECT_EQ(Outputs(copy.path()), Outputs(folder_.path()));
}

INSTANTIATE_TEST_SUITE_P(Folders, LayoutFormsTest, Layouts(),
                         [](const auto& test) { return test.param; });

}  // namespace
}  // namespace tessera::engine
