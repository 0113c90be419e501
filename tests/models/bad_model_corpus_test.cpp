// Loading each folder of the bad-model corpus: an error that says why, never a
// crash, in bounded time and memory.
#include "tests/models/bad_model_corpus.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <ctime>
#include <filesystem>

#include "models/model.h"
#include "models/weights/checkpoint.h"
#include "tests/models/bad_model_corpus_draft.h"
#include "tests/models/weights/measured.h"
#include "tests/models/weights/test_folder.h"

namespace tessera::models {
namespace {

namespace fs = std::filesystem;

void Load(const fs::path& folder) { LoadModel(ModelFolder(folder)); }

double CpuSeconds() {
  return static_cast<double>(std::clock()) / CLOCKS_PER_SEC;
}

class BadModelTest : public testing::TestWithParam<ModelCase> {};

TEST_P(BadModelTest, IsRefusedWithTheReason) {
  const TestFolder folder;
  GetParam().write(folder.path());
  const double start = CpuSeconds();
  try {
    Load(folder.path());
    FAIL() << "loaded";
  } catch (const Error& error) {
    const std::string message = error.what();
    for (const std::string& part : GetParam().message) {
      EXPECT_NE(message.find(part), std::string::npos)
          << "no \"" << part << "\" in: " << message;
    }
    EXPECT_EQ(message.find('\n'), std::string::npos) << message;
    EXPECT_LT(message.size(), 600u) << message;
  }
  if (kMeasured) {
    EXPECT_LT(CpuSeconds() - start, 1.0);
  }
}

class OddModelTest : public testing::TestWithParam<ModelCase> {};

TEST_P(OddModelTest, Loads) {
  const TestFolder folder;
  GetParam().write(folder.path());
  EXPECT_NO_THROW(Load(folder.path()));
}

std::string CaseName(const testing::TestParamInfo<ModelCase>& info) {
  return info.param.name;
}
INSTANTIATE_TEST_SUITE_P(Corpus, BadModelTest, testing::ValuesIn(BadModels()),
                         CaseName);
INSTANTIATE_TEST_SUITE_P(Corpus, OddModelTest, testing::ValuesIn(OddModels()),
                         CaseName);

TEST(BadModelCorpusTest, HasAtLeast150Cases) {
  EXPECT_GE(BadModels().size(), 150u);
}

TEST(BadModelCorpusTest, AFileCutAtAnyByteIsRefused) {
  const TestFolder folder;
  TinyMarian().Write(folder.path());
  const fs::path file = folder.path() / "model.safetensors";
  for (std::size_t size = fs::file_size(file); size-- > 0;) {
    fs::resize_file(file, size);
    ExpectError([&] { Checkpoint::Open(ModelFolder(folder.path())); },
                {"model.safetensors: want "}, std::to_string(size));
  }
}

TEST(BadModelCorpusTest, AConfigCutAtAnyByteIsRefused) {
  const TestFolder folder;
  TinyMarian().Write(folder.path());
  for (const std::string name : {"generation_config.json", "config.json"}) {
    const fs::path file = folder.path() / name;
    for (std::size_t size = fs::file_size(file); size-- > 0;) {
      fs::resize_file(file, size);
      ExpectError([&] { Load(folder.path()); }, {name + ": want "},
                  std::to_string(size));
    }
    TinyMarian().Write(folder.path());
  }
}

TEST(BadModelCorpusTest, LoadingTakesAtMost64MiBBesideTheFile) {
  if (!kMeasured) GTEST_SKIP() << "the sanitizer's own memory would count";
  for (const ModelCase& model : BadModels()) {
    const TestFolder folder;
    model.write(folder.path());
    std::uintmax_t largest = 0;
    for (const auto& file : fs::directory_iterator(folder.path())) {
      std::error_code not_a_file;
      const auto size = fs::file_size(file, not_a_file);
      if (!not_a_file) largest = std::max(largest, size);
    }
    EXPECT_LE(PeakGrowth([&] { Load(folder.path()); }),
              64 + static_cast<int>(largest >> 20))
        << model.name;
  }
}

}  // namespace
}  // namespace tessera::models
