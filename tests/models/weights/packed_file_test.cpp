// Packed files: what they hold, and what of them is refused.
#include "models/weights/packed_file.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <fstream>
#include <functional>
#include <nlohmann/json.hpp>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include "models/files/message.h"
#include "models/files/model_folder.h"
#include "models/model.h"
#include "models/weights/containers.h"
#include "models/weights/matrix_source.h"
#include "models/weights/packed_manifest.h"
#include "tests/models/golden.h"
#include "tests/models/weights/tensor_folder.h"
#include "tests/models/weights/test_folder.h"
#include "tests/models/weights/test_tensors.h"

namespace tessera::models {
namespace {

using kernels::ElementType;
using nlohmann::json;

std::string ReadAll(const std::filesystem::path& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

// The file with another header, its data in place.
std::string Edited(const std::string& bytes,
                   const std::function<void(json&)>& edit,
                   std::size_t alignment = kPackedAlignment) {
  std::uint64_t length = 0;
  std::memcpy(&length, bytes.data(), sizeof(length));
  json header = json::parse(bytes.substr(8, length));
  edit(header);
  std::string text = header.dump();
  while ((text.size() + 8) % kPackedAlignment != alignment % kPackedAlignment) {
    text += ' ';
  }
  return SafetensorsFileBytes(text, bytes.substr(8 + length));
}

// What a layer asks for, given by one source or another.
struct Gift {
  explicit Gift(const MatrixSource& source)
      : matrix(source.Within("encoder.layers.0")
                   .Matrix({{"self_attention.query", 40},
                            {"self_attention.key", 40}},
                           24)),
        made(source.Made(
            "made", 2, 3,
            [] {
              return MatrixSource::Plain{{1, 2, 3, 4, 5, 6}, {7, 8}};
            })),
        rows(source.Rows("encoder.layers.0.feed_forward.in", 5, 24)),
        scale(source.Vector("encoder.layers.0.self_attention.norm.scale", 24)),
        has(source.HasMatrix("encoder.positions")),
        same(source.SameMatrix("encoder.layers.0.feed_forward.in",
                               "encoder.layers.0.feed_forward.in")) {}

  kernels::PackedMatrix matrix, made;
  std::vector<float> rows, scale;
  bool has, same;
};

class PackedFileTest : public testing::TestWithParam<ElementType> {
 protected:
  PackedFileTest() {
    for (const char* part : {"q_proj", "k_proj"}) {
      const std::string name =
          std::string("encoder.layers.0.self_attn.") + part;
      tensors_.AddRandom(name + ".weight", {40, 24});
      tensors_.AddRandom(name + ".bias", {40});
    }
    tensors_.AddRandom("encoder.layers.0.fc1.weight", {5, 24});
    tensors_.AddRandom("encoder.layers.0.self_attn_layer_norm.weight", {24});
    checkpoint_source_.emplace(tensors_.Source());
    PackedFileWriter writer(folder_.path(), GetParam());
    written_.emplace(MatrixSource(tensors_.checkpoint(),
                                  {.prefix = "", .rules = BartRules()},
                                  GetParam(), &writer));
    writer.Finish({.parameters = 123,
                   .stored_types = "bf16, f32",
                   .unused_tensors = {"a", "b c"}});
    bytes_ = ReadAll(folder_.path() / kPackedFileName);
  }

  // The file with other bytes, opened and asked for all.
  void Use(const std::string& bytes) {
    folder_.Write(kPackedFileName, bytes);
    const auto file = PackedFile::Open(ModelFolder(folder_.path()));
    const Gift gift{MatrixSource(*file)};
  }
  void ExpectRefused(const std::function<void(json&)>& edit,
                     std::initializer_list<std::string_view> parts) {
    ExpectRefused(Edited(bytes_, edit), parts);
  }
  void ExpectRefused(const std::string& bytes,
                     std::initializer_list<std::string_view> parts) {
    ExpectError([&] { Use(bytes); }, parts, parts.begin()[0]);
  }

  TensorFolder tensors_;
  std::optional<MatrixSource> checkpoint_source_;
  TestFolder folder_;
  std::optional<Gift> written_;
  std::string bytes_;
};

void ExpectSame(const kernels::PackedMatrix& a,
                const kernels::PackedMatrix& b) {
  EXPECT_TRUE(std::ranges::equal(a.storage().bytes(), b.storage().bytes()));
  EXPECT_EQ(&a.product(), &b.product());
  EXPECT_EQ(a.outputs(), b.outputs());
  EXPECT_EQ(a.inputs(), b.inputs());
}

TEST_P(PackedFileTest, GivesBackWhatWasGiven) {
  std::optional<PackedFile> file =
      PackedFile::Open(ModelFolder(folder_.path()));
  ASSERT_TRUE(file);
  Gift gift{MatrixSource(*file)};
  EXPECT_EQ(file->type(), GetParam());
  EXPECT_EQ(file->facts().parameters, 123u);
  EXPECT_EQ(file->facts().stored_types, "bf16, f32");
  EXPECT_EQ(file->facts().unused_tensors,
            (std::vector<std::string>{"a", "b c"}));
  file.reset();  // matrices keep the map
  ExpectSame(gift.matrix, written_->matrix);
  ExpectSame(gift.made, written_->made);
  EXPECT_EQ(gift.rows, written_->rows);
  EXPECT_EQ(gift.scale, written_->scale);
  EXPECT_EQ(gift.has, written_->has);
  EXPECT_EQ(gift.same, written_->same);
  EXPECT_EQ(gift.matrix.storage().bytes().size() % 64, 0u);
  EXPECT_THROW(gift.matrix.SetBias(0, std::vector<float>(1)), Error);
}

TEST_P(PackedFileTest, IsASafetensorsFileWithoutRemains) {
  const ModelFolder folder(folder_.path());
  EXPECT_EQ(folder.names(), std::vector<std::string>{kPackedFileName});
  EXPECT_NO_THROW(OpenSafetensors(folder.File(kPackedFileName)));
}

TEST_P(PackedFileTest, RefusesAnotherTypeThanAskedFor) {
  const auto file = PackedFile::Open(ModelFolder(folder_.path()));
  EXPECT_NO_THROW(file->CheckType(GetParam()));
  const bool f32 = GetParam() == ElementType::kF32;
  ExpectError(
      [&] { file->CheckType(f32 ? ElementType::kS8 : ElementType::kF32); },
      {"model.tessera: want", f32 ? "int8 weights" : "f32 weights",
       "packed as " + std::string(kernels::Name(GetParam()))});
}

TEST_P(PackedFileTest, RefusesALayoutThatThisLevelDoesNotUse) {
  ExpectRefused(
      [&](json& header) {
        for (auto& [key, value] : header["__metadata__"].items()) {
          if (key.find("query") != key.npos) {
            value = Cat(kernels::Name(GetParam()),
                        " [80, 24] in panels of 48 x 1, inputs by 1");
          }
        }
      },
      {"query+self_attention.key: want ", "panels of 48",
       "make it again with: tessera pack"});
}

TEST_P(PackedFileTest, RefusesWhatTheMetadataDoNotSayOrSayInOtherWords) {
  const std::pair<const char*, const char*> changes[] = {
      {"format", "packed weights 9 of tessera 0"},
      {"precision", "int4"},
      {"level", "mmx"},
      {"parameters", "12x"},
      {"made", "f32"},
      {"has encoder.positions", "perhaps"}};
  for (const auto& [key, value] : changes) {
    // Clang 14 captures structured bindings by name alone.
    ExpectRefused([&, key = key, value = value](
                      json& header) { header["__metadata__"][key] = value; },
                  {"model.tessera: ", "want ", value});
    ExpectRefused(
        [&, key = key](json& header) { header["__metadata__"].erase(key); },
        {"model.tessera: ", key, "no such key"});
  }
}

TEST_P(PackedFileTest, RefusesTensorsOfAnotherTypeSizeOrName) {
  for (const char* name : {"made", "encoder.layers.0.feed_forward.in.weight"}) {
    ExpectRefused([&](json& header) { header[name]["dtype"] = "I8"; },
                  {"model.tessera: "});
    ExpectRefused(
        [&](json& header) {
          header[name]["shape"] = {1, header[name]["shape"][0]};
        },
        {"model.tessera: ", name, "want "});
    ExpectRefused(
        [&](json& header) {
          header["another"] = header[name];
          header.erase(name);
        },
        {"model.tessera: ", name, "no tensor of that name"});
  }
  // The size of one tensor for another.
  ExpectRefused([&](json& header) { std::swap(header["made"], header["z"]); },
                {"model.tessera: "});
}

TEST_P(PackedFileTest, RefusesAFileCutShortOrLengthened) {
  ExpectRefused(bytes_.substr(0, bytes_.size() - 64), {"cut short"});
  ExpectRefused(bytes_ + std::string(64, '\0'), {"model.tessera: want"});
  ExpectRefused(bytes_.substr(0, 100), {"model.tessera"});
  ExpectRefused("", {"model.tessera"});
}

TEST_P(PackedFileTest, RefusesDataThatIsNotAligned) {
  ExpectRefused(Edited(
                    bytes_, [](json&) {}, 1),
                {"model.tessera: ", "aligned to 64"});
}

TEST_P(PackedFileTest, RefusesVectorsThatAreNotFinite) {
  std::uint64_t length = 0;
  std::memcpy(&length, bytes_.data(), sizeof(length));
  std::string changed = bytes_;
  std::fill(changed.begin() + 8 + static_cast<std::ptrdiff_t>(length),
            changed.end(), '\xff');
  ExpectRefused(changed, {"model.tessera: encoder", "finite values"});
}

// Whatever byte of a header (each fifth is tried) is another: refused, or the
// same model.
TEST_P(PackedFileTest, SurvivesAnyByteOfTheHeader) {
  std::uint64_t length = 0;
  std::memcpy(&length, bytes_.data(), sizeof(length));
  for (std::size_t at = 0; at < 8 + length; at += 5) {
    std::string changed = bytes_;
    changed[at] = static_cast<char>(changed[at] ^ 1);
    try {
      Use(changed);
    } catch (const Error&) {
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Types, PackedFileTest,
                         testing::ValuesIn(kernels::kWeightTypes),
                         [](const auto& type) {
                           return std::string(kernels::Name(type.param));
                         });

TEST(PackedModelTest, AFolderThatIsPackedCannotBePackedAgain) {
  TestFolder first, second;
  {
    PackedFileWriter writer(first.path(), ElementType::kF32);
    LoadModel(ModelFolder(BundledFolder()), {.writer = &writer});
  }
  std::filesystem::copy_file(BundledFolder() / "config.json",
                             first.path() / "config.json");
  std::filesystem::copy_file(BundledFolder() / "generation_config.json",
                             first.path() / "generation_config.json");
  const ModelFolder folder(first.path());
  EXPECT_EQ(LoadModel(folder)->info().parameters,
            LoadModel(ModelFolder(BundledFolder()))->info().parameters);
  PackedFileWriter writer(second.path(), ElementType::kF32);
  ExpectError([&] { LoadModel(folder, {.writer = &writer}); },
              {"want weights that are not packed"});
}

// Of the same names and sizes, but not the one that was packed.
TEST(PackedModelTest, AConfigurationOfAnotherShapeIsRefused) {
  TestFolder packed;
  const auto folder = GoldenFolder() / "marian/decoder_alias";
  PackedFileWriter writer(packed.path(), ElementType::kF32);
  LoadModel(ModelFolder(folder), {.writer = &writer});
  std::filesystem::copy_file(BundledFolder() / "config.json",
                             packed.path() / "config.json");
  std::filesystem::copy_file(BundledFolder() / "generation_config.json",
                             packed.path() / "generation_config.json");
  ExpectError([&] { LoadModel(ModelFolder(packed.path())); },
              {"model.tessera: ", "want "});
}

}  // namespace
}  // namespace tessera::models
