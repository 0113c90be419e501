// Packed folders: the bits of the folders that they were made of.
#include <gtest/gtest.h>
#include <tessera/translator.h>

#include <algorithm>
#include <cstring>
#include <fstream>
#include <optional>
#include <sstream>

#include "engine/pack_folder.h"
#include "engine/search/search_options.h"
#include "kernels/gemm/matrix_layout.h"
#include "models/weights/containers.h"
#include "models/weights/packed_file.h"
#include "tests/engine/golden_batch.h"
#include "tests/models/golden.h"
#include "tests/models/weights/test_folder.h"

namespace tessera::engine {
namespace {

namespace fs = std::filesystem;
using kernels::ElementType;
using models::TestFolder;

// Enough to fill batches; under AddressSanitizer, 20 times slower, a few.
#ifdef __SANITIZE_ADDRESS__
constexpr std::size_t kSources = 8;
#else
constexpr std::size_t kSources = 30;
#endif

class PackedTinyTest
    : public testing::TestWithParam<std::tuple<std::string, ElementType>> {
 protected:
  PackedTinyTest()
      : folder_(models::GoldenFolder() / std::get<0>(GetParam())),
        type_(std::get<1>(GetParam())) {}

  // Packs the model, without a tokenizer, which such folders lack.
  std::unique_ptr<models::Model> Pack() {
    models::PackedFileWriter writer(packed_.path(), type_);
    auto model = models::LoadModel(models::ModelFolder(folder_),
                                   {.type = type_, .writer = &writer});
    for (const auto& entry : fs::directory_iterator(folder_)) {
      const std::string name = entry.path().filename().string();
      if (models::IsWeightFile(name)) continue;
      fs::copy_file(entry.path(), packed_.path() / name);
    }
    return model;
  }

  std::vector<Translation> Translate(const models::Model& model) const {
    const auto golden = models::ReadGoldenJson(folder_ / "golden.json");
    auto sources = golden.at("sources").get<std::vector<Ids>>();
    sources.resize(std::min(sources.size(), kSources));
    return TranslateIds(model, sources, Resolve({}, model.info()));
  }

  fs::path folder_;
  ElementType type_;
  TestFolder packed_;
};

TEST_P(PackedTinyTest, GivesTheSameBits) {
  const auto original = Pack();
  const auto packed = models::LoadModel(models::ModelFolder(packed_.path()),
                                        {.as_packed = true});
  EXPECT_EQ(packed->info().parameters, original->info().parameters);
  EXPECT_EQ(packed->info().memory_bytes, original->info().memory_bytes);
  EXPECT_EQ(packed->info().stored_types, original->info().stored_types);
  EXPECT_EQ(packed->info().unused_tensors, original->info().unused_tensors);
  EXPECT_EQ(packed->info().compute_type, original->info().compute_type);
  EXPECT_NE(packed->info().packed_for, "");
  const auto want = Translate(*original), found = Translate(*packed);
  ASSERT_EQ(found.size(), want.size());
  for (std::size_t i = 0; i < want.size(); ++i) {
    const Hypothesis& a = want[i].hypotheses.front();
    const Hypothesis& b = found[i].hypotheses.front();
    EXPECT_EQ(b.ids, a.ids);
    EXPECT_EQ(b.score, a.score);
    EXPECT_EQ(b.log_probs, a.log_probs);
  }
}

// Weights are not looked at before they are used.
TEST_P(PackedTinyTest, WeightsThatAreNotNumbersDoNoHarm) {
  Pack();
  const fs::path path = packed_.path() / models::kPackedFileName;
  const models::TensorFile file = models::OpenSafetensors(path);
  std::fstream bytes(path, std::ios::in | std::ios::out | std::ios::binary);
  for (const models::TensorInfo& tensor : file.tensors()) {
    if (tensor.dtype != models::DType::kU8) continue;
    bytes.seekp(static_cast<std::streamoff>(tensor.begin_bytes));
    bytes << std::string(static_cast<std::size_t>(tensor.bytes()), '\xff');
  }
  bytes.close();
  Translate(
      *models::LoadModel(models::ModelFolder(packed_.path()), {.type = type_}));
}

INSTANTIATE_TEST_SUITE_P(
    TinyModels, PackedTinyTest,
    testing::Combine(testing::ValuesIn(models::TinyModels()),
                     testing::ValuesIn(kernels::kWeightTypes)),
    [](const auto& test) {
      return models::TestName(std::get<0>(test.param)) + "_" +
             std::string(kernels::Name(std::get<1>(test.param)));
    });

class PackFolderTest : public testing::Test {
 protected:
  fs::path Out() const { return folder_.path() / "out"; }
  TestFolder folder_;
};

TEST_F(PackFolderTest, TranslatesAsTheOriginalAtEachPrecision) {
  const std::vector<std::string> texts = {"Where is the station?",
                                          "I have never seen so many stars."};
  for (const Precision precision :
       {Precision::kF32, Precision::kBf16, Precision::kInt8}) {
    const fs::path out =
        Out().string() + std::to_string(static_cast<int>(precision));
    PackFolder(models::BundledFolder(), out, precision);
    const Translator original(models::BundledFolder(),
                              {.threads = 1, .precision = precision});
    const auto want = original.TranslateAll(texts);
    // What is asked for, or nothing.
    for (const Precision asked : {precision, Precision::kAuto}) {
      const Translator packed(out, {.threads = 1, .precision = asked});
      EXPECT_EQ(packed.info().compute_type, original.info().compute_type);
      const auto found = packed.TranslateAll(texts);
      for (std::size_t i = 0; i < texts.size(); ++i) {
        EXPECT_EQ(found[i].text(), want[i].text());
        EXPECT_EQ(found[i].hypotheses.front().score,
                  want[i].hypotheses.front().score);
      }
    }
    const Precision other =
        precision == Precision::kF32 ? Precision::kInt8 : Precision::kF32;
    models::ExpectError([&] { Translator(out, {.precision = other}); },
                        {"model.tessera: want", "packed"});
  }
}

TEST_F(PackFolderTest, KeepsTheOtherFilesAndNoWeights) {
  const TestFolder from;
  for (const auto& entry : fs::directory_iterator(models::BundledFolder())) {
    fs::create_symlink(entry.path(), from.path() / entry.path().filename());
  }
  fs::create_symlink("/dev/null", from.path() / "device");
  fs::create_symlink("nowhere", from.path() / "broken");
  fs::create_directory(from.path() / "folder");
  from.Write("rust_model.ot", "weights");
  PackFolder(from.path(), Out(), Precision::kInt8);
  EXPECT_EQ(models::ModelFolder(Out()).names(),
            (std::vector<std::string>{
                "README.md", "config.json", "generation_config.json",
                "model.tessera", "source.spm", "target.spm",
                "tokenizer_config.json", "training.json", "vocab.json"}));
  EXPECT_TRUE(fs::is_regular_file(fs::symlink_status(Out() / "vocab.json")));
}

TEST_F(PackFolderTest, FillsAnEmptyFolderAndNoOther) {
  fs::create_directory(Out());
  PackFolder(models::BundledFolder(), Out() / "", Precision::kInt8);
  const auto before = models::ModelFolder(Out()).names();
  models::ExpectError(
      [&] { PackFolder(models::BundledFolder(), Out(), Precision::kInt8); },
      {"out: want no such folder, or an empty one"});
  EXPECT_EQ(models::ModelFolder(Out()).names(), before);
  folder_.Write("file", "");
  models::ExpectError(
      [&] {
        PackFolder(models::BundledFolder(), folder_.path() / "file",
                   Precision::kInt8);
      },
      {"file: want no such folder"});
}

TEST_F(PackFolderTest, LeavesNothingBehindWhereItFails) {
  const TestFolder from;
  for (const auto& entry : fs::directory_iterator(models::BundledFolder())) {
    fs::copy(entry.path(), from.path() / entry.path().filename());
  }
  from.Write("model.safetensors", "no weights");
  EXPECT_THROW(PackFolder(from.path(), Out(), Precision::kInt8), Error);
  EXPECT_TRUE(fs::is_empty(folder_.path()));
  models::ExpectError(
      [&] {
        PackFolder(models::BundledFolder(), folder_.path() / "no/such",
                   Precision::kInt8);
      },
      {"no/such"});
}

TEST_F(PackFolderTest, IsNotPackedTwice) {
  PackFolder(models::BundledFolder(), Out(), Precision::kInt8);
  models::ExpectError(
      [&] { PackFolder(Out(), folder_.path() / "again", Precision::kInt8); },
      {"want weights that are not packed"});
}

}  // namespace
}  // namespace tessera::engine
