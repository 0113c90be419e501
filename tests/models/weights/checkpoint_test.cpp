// Checkpoint: reading tensors, shards, and folders without weights.
#include "models/weights/checkpoint.h"

#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <limits>
#include <numeric>
#include <vector>

#include "tests/models/weights/test_folder.h"
#include "tests/models/weights/test_tensors.h"

namespace tessera::models {
namespace {

namespace fs = std::filesystem;
using Shape = std::vector<std::size_t>;

constexpr float kInf = std::numeric_limits<float>::infinity();

std::vector<float> Read(const Checkpoint& checkpoint, std::string_view name,
                        const Shape& shape) {
  return checkpoint.Read(name, shape);
}

Checkpoint OpenOne(const TestFolder& folder,
                   const std::vector<StoredTensor>& tensors) {
  folder.Write("model.safetensors", SafetensorsFileBytes(tensors));
  return Checkpoint::Open(ModelFolder(folder.path()));
}

// 1, -2, 0.5 in each type.
const std::vector<std::uint16_t> kHalves = {0x3c00, 0xc000, 0x3800};
const std::vector<std::uint16_t> kBFloats = {0x3f80, 0xc000, 0x3f00};
const std::vector<float> kFloats = {1.0f, -2.0f, 0.5f};

TEST(CheckpointTest, ReadsEachFloatTypeAsFloat32) {
  const TestFolder folder;
  const auto checkpoint =
      OpenOne(folder, {{"half", "F16", "[3]", BytesOf(kHalves)},
                       {"bfloat", "BF16", "[1, 3]", BytesOf(kBFloats)},
                       {"float", "F32", "[3, 1]", BytesOf(kFloats)}});
  EXPECT_EQ(Read(checkpoint, "half", {3}), kFloats);
  EXPECT_EQ(Read(checkpoint, "bfloat", {1, 3}), kFloats);
  EXPECT_EQ(Read(checkpoint, "float", {3, 1}), kFloats);
}

TEST(CheckpointTest, ReadsATensorAtAnyAlignment) {
  const TestFolder folder;
  const auto checkpoint = OpenOne(
      folder,
      {{"byte", "U8", "[1]", "x"}, {"float", "F32", "[3]", BytesOf(kFloats)}});
  EXPECT_EQ(Read(checkpoint, "float", {3}), kFloats);
}

TEST(CheckpointTest, ReadsTensorsLongerThanAPiece) {
  std::vector<float> values(200'001);
  std::iota(values.begin(), values.end(), 0.0f);
  std::vector<std::uint16_t> halves(values.size());
  for (std::size_t i = 0; i < halves.size(); ++i) {
    halves[i] = static_cast<std::uint16_t>(i % 0x7c00);
  }
  const TestFolder folder;
  const auto checkpoint =
      OpenOne(folder, {FloatTensor("float", "[200001]", values),
                       {"half", "F16", "[200001]", BytesOf(halves)}});
  EXPECT_EQ(Read(checkpoint, "float", {200'001}), values);
  const auto half = Read(checkpoint, "half", {200'001});
  EXPECT_EQ(half[0x3c00], 1.0f);
  EXPECT_EQ(half[0x7c00 + 0x3c00], 1.0f);
  EXPECT_EQ(half[200'000], half[200'000 % 0x7c00]);
}

TEST(CheckpointTest, ReadsAScalar) {
  const TestFolder folder;
  const auto checkpoint = OpenOne(folder, {FloatTensor("s", "[]", {2.5f})});
  EXPECT_EQ(Read(checkpoint, "s", {}), std::vector<float>{2.5f});
}

TEST(CheckpointTest, FindsTensorsByName) {
  const TestFolder folder;
  const auto checkpoint = OpenOne(folder, {FloatTensor("b", "[3]", kFloats),
                                           FloatTensor("a", "[3]", kFloats)});
  ASSERT_NE(checkpoint.Find("a"), nullptr);
  EXPECT_EQ(checkpoint.Find("a")->shape, Shape{3});
  EXPECT_EQ(checkpoint.Find("c"), nullptr);
  EXPECT_EQ(checkpoint.Names(), (std::vector<std::string>{"a", "b"}));
}

TEST(CheckpointTest, RefusesAnotherShapeSayingBoth) {
  const TestFolder folder;
  const auto checkpoint =
      OpenOne(folder, {FloatTensor("fc1.weight", "[1, 3]", kFloats)});
  ExpectError(
      [&] {
        Read(checkpoint, "fc1.weight", {3, 1});
      },
      {"model.safetensors: fc1.weight: want f32/f16/bf16/f64 [3, 1], found "
       "f32 [1, 3]"});
  ExpectError([&] { Read(checkpoint, "fc1.weight", {3}); }, {"want", "[3]"});
  ExpectError(
      [&] {
        Read(checkpoint, "fc1.weight", {1, 3, 1});
      },
      {"[1, 3, 1]"});
}

TEST(CheckpointTest, RefusesTypesItDoesNotRead) {
  const TestFolder folder;
  const auto checkpoint = OpenOne(
      folder, {{"t", "I32", "[1]", "0123"}, {"d", "I64", "[1]", "01234567"}});
  ExpectError(
      [&] { Read(checkpoint, "t", {1}); },
      {"model.safetensors: t: want f32/f16/bf16/f64 [1], found i32 [1]"});
  ExpectError([&] { Read(checkpoint, "d", {1}); }, {"found i64 [1]"});
}

TEST(CheckpointTest, RoundsDoublesToTheNearestFloat) {
  const double values[] = {0.1, -3.0, 1e-60, 3.4028235e38, 1e39};
  const std::string bytes(reinterpret_cast<const char*>(values),
                          sizeof(values));
  const TestFolder folder;
  const auto checkpoint =
      OpenOne(folder, {{"d", "F64", "[4]", bytes.substr(0, 32)},
                       {"e", "F64", "[1]", bytes.substr(32)}});
  EXPECT_EQ(Read(checkpoint, "d", {4}),
            (std::vector<float>{0.1f, -3.0f, 0.0f, 3.4028235e38f}));
  ExpectError([&] { Read(checkpoint, "e", {1}); },
              {"model.safetensors: e: want finite values, found inf at [0]"});
}

TEST(CheckpointTest, RefusesAnAbsentTensor) {
  const TestFolder folder;
  const auto checkpoint = OpenOne(folder, {FloatTensor("a", "[3]", kFloats)});
  ExpectError(
      [&] {
        Read(checkpoint, "b", {2, 2});
      },
      {"model.safetensors: b: want [2, 2], found no tensor of that name"});
}

TEST(CheckpointTest, TakesNoMemoryForAShapeThatTheFileDoesNotHold) {
  const TestFolder folder;
  const auto checkpoint = OpenOne(folder, {FloatTensor("a", "[3]", kFloats)});
  const std::size_t huge = std::size_t{1} << 40;
  ExpectError([&] { Read(checkpoint, "a", {huge, huge}); }, {"a: want f32"});
  ExpectError(
      [&] {
        Read(checkpoint, "b", {huge, huge});
      },
      {"found no tensor"});
}

TEST(CheckpointTest, ChecksWithoutReading) {
  const TestFolder folder;
  const auto checkpoint = OpenOne(folder, {FloatTensor("a", "[1]", {kInf})});
  EXPECT_NO_THROW(checkpoint.Check("a", Shape{1}));
  EXPECT_EQ(checkpoint.Unused(), std::vector<std::string>{"a"});
  ExpectError([&] { checkpoint.Check("a", Shape{2}); }, {"a: want f32"});
  ExpectError([&] { checkpoint.Check("b", Shape{1}); }, {"found no tensor"});
}

TEST(CheckpointTest, ReadsIntoMemoryOfTheCaller) {
  const TestFolder folder;
  const auto checkpoint = OpenOne(folder, {FloatTensor("a", "[3]", kFloats)});
  std::vector<float> values = {9, 9, 9, 9, 9};
  checkpoint.Read("a", Shape{3}, std::span(values).subspan(1, 3));
  EXPECT_EQ(values, (std::vector<float>{9, 1.0f, -2.0f, 0.5f, 9}));
}

TEST(CheckpointTest, RefusesMemoryOfAnotherSize) {
  const TestFolder folder;
  const auto checkpoint = OpenOne(folder, {FloatTensor("a", "[3]", kFloats)});
  std::vector<float> small(2);
  ExpectError([&] { checkpoint.Read("a", Shape{3}, small); },
              {"a: want memory"});
}

TEST(CheckpointTest, RefusesValuesThatAreNotFiniteSayingWhere) {
  const TestFolder folder;
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const std::vector<std::uint16_t> half_inf = {0x3c00, 0xfc00};
  const std::vector<std::uint16_t> bfloat_inf = {0x7f80};
  std::vector<float> late(100'000, 1.0f);
  late[70'001] = kInf;
  const auto checkpoint =
      OpenOne(folder, {FloatTensor("nan", "[2, 3]", {0, 1, 2, 3, nan, 5}),
                       FloatTensor("inf", "[1]", {kInf}),
                       FloatTensor("late", "[1000, 100]", late),
                       {"half", "F16", "[2]", BytesOf(half_inf)},
                       {"bfloat", "BF16", "[]", BytesOf(bfloat_inf)}});
  ExpectError(
      [&] {
        Read(checkpoint, "nan", {2, 3});
      },
      {"model.safetensors: nan: want finite values, found ", "at [1, 1]"});
  ExpectError([&] { Read(checkpoint, "inf", {1}); }, {"found inf at [0]"});
  ExpectError([&] { Read(checkpoint, "late", {1000, 100}); }, {"at [700, 1]"});
  ExpectError([&] { Read(checkpoint, "half", {2}); }, {"found -inf at [1]"});
  ExpectError([&] { Read(checkpoint, "bfloat", {}); }, {"found inf at []"});
}

TEST(CheckpointTest, ReadsSubnormalAndHugeValues) {
  const TestFolder folder;
  const std::vector<float> values = {1e-45f, -1e-40f, 3e38f, -3e38f, -0.0f};
  const auto checkpoint = OpenOne(folder, {FloatTensor("t", "[5]", values)});
  EXPECT_EQ(Read(checkpoint, "t", {5}), values);
}

TEST(CheckpointTest, ListsWhatNobodyUsed) {
  const TestFolder folder;
  const auto checkpoint = OpenOne(folder, {FloatTensor("a", "[3]", kFloats),
                                           FloatTensor("b", "[3]", kFloats),
                                           FloatTensor("c", "[3]", kFloats)});
  Read(checkpoint, "b", {3});
  EXPECT_EQ(checkpoint.Unused(), (std::vector<std::string>{"a", "c"}));
  EXPECT_TRUE(checkpoint.SameBytes("b", "c"));
  EXPECT_EQ(checkpoint.Unused(), (std::vector<std::string>{"a"}));
}

TEST(CheckpointTest, ComparesTensorsByTypeShapeAndBytes) {
  std::vector<float> many(50'000, 1.0f), other = many;
  other.back() = 2.0f;
  const TestFolder folder;
  const auto checkpoint =
      OpenOne(folder, {FloatTensor("many", "[50000]", many),
                       FloatTensor("same", "[50000]", many),
                       FloatTensor("other", "[50000]", other),
                       FloatTensor("shape", "[500, 100]", many),
                       {"type", "I32", "[50000]", BytesOf(many)}});
  EXPECT_TRUE(checkpoint.SameBytes("many", "same"));
  EXPECT_TRUE(checkpoint.SameBytes("many", "many"));
  EXPECT_FALSE(checkpoint.SameBytes("many", "other"));
  EXPECT_FALSE(checkpoint.SameBytes("many", "shape"));
  EXPECT_FALSE(checkpoint.SameBytes("many", "type"));
  EXPECT_FALSE(checkpoint.SameBytes("many", "absent"));
}

TEST(CheckpointTest, ReadsTheBundledModel) {
  const auto checkpoint = Checkpoint::Open(ModelFolder(
      fs::path(TESSERA_SOURCE_DIR) / "models/bundled/tatoeba-en-fr"));
  EXPECT_EQ(checkpoint.Find("model.shared.weight")->dtype, DType::kF16);
  const auto embeddings = Read(checkpoint, "model.shared.weight", {8000, 256});
  // The padding, the last id, is embedded as zeros, and no other.
  const auto row_is_zero = [&](std::size_t row) {
    for (std::size_t i = 0; i < 256; ++i) {
      if (embeddings[row * 256 + i] != 0.0f) return false;
    }
    return true;
  };
  EXPECT_TRUE(row_is_zero(7999));
  EXPECT_FALSE(row_is_zero(0));
  EXPECT_FALSE(row_is_zero(7998));
}

// A checkpoint of two shards, with "a" in the first and "b" in the second.
class ShardedCheckpointTest : public testing::Test {
 protected:
  void WriteShards(const std::vector<StoredTensor>& first,
                   const std::vector<StoredTensor>& second) {
    folder_.Write("m-1.safetensors", SafetensorsFileBytes(first));
    folder_.Write("m-2.safetensors", SafetensorsFileBytes(second));
  }
  void WriteMap(const std::string& weight_map) {
    folder_.Write(
        "model.safetensors.index.json",
        "{\"metadata\":{\"total_size\":24},\"weight_map\":" + weight_map + "}");
  }
  void ExpectRefused(std::initializer_list<std::string_view> parts) {
    ExpectError([&] { Checkpoint::Open(ModelFolder(folder_.path())); }, parts);
  }

  const StoredTensor a_ = FloatTensor("a", "[3]", kFloats);
  const StoredTensor b_ = FloatTensor("b", "[1]", {7.0f});
  const std::string map_ = R"({"a":"m-1.safetensors","b":"m-2.safetensors"})";
  TestFolder folder_;
};

TEST_F(ShardedCheckpointTest, ReadsFromEachShard) {
  WriteShards({a_}, {b_});
  WriteMap(map_);
  const auto checkpoint = Checkpoint::Open(ModelFolder(folder_.path()));
  EXPECT_EQ(Read(checkpoint, "a", {3}), kFloats);
  EXPECT_EQ(Read(checkpoint, "b", {1}), std::vector<float>{7.0f});
  ExpectError([&] { Read(checkpoint, "b", {2}); },
              {"m-2.safetensors: b: want"});
  ExpectError([&] { Read(checkpoint, "c", {2}); },
              {"model.safetensors.index.json: c: want [2]"});
}

TEST_F(ShardedCheckpointTest, PrefersTheSingleFile) {
  WriteShards({a_}, {b_});
  WriteMap(map_);
  folder_.Write("model.safetensors",
                SafetensorsFileBytes({FloatTensor("only", "[3]", kFloats)}));
  EXPECT_EQ(Checkpoint::Open(ModelFolder(folder_.path())).Names(),
            std::vector<std::string>{"only"});
}

TEST_F(ShardedCheckpointTest, FollowsLinksAsInTheCacheOfHuggingFace) {
  fs::create_directory(folder_.path() / "blobs");
  folder_.Write("blobs/1", SafetensorsFileBytes({a_}));
  folder_.Write("blobs/2", SafetensorsFileBytes({b_}));
  fs::create_symlink("blobs/1", folder_.path() / "m-1.safetensors");
  fs::create_symlink("blobs/2", folder_.path() / "m-2.safetensors");
  WriteMap(map_);
  EXPECT_EQ(Checkpoint::Open(ModelFolder(folder_.path())).Names().size(), 2u);
}

TEST_F(ShardedCheckpointTest, RefusesNamesThatLeadElsewhere) {
  WriteShards({a_}, {b_});
  for (const char* name :
       {"../m-1.safetensors", "/etc/passwd", "sub/m-1.safetensors", "..", "",
        "sub\\\\m-1.safetensors", "m-1.bin", "m\\u00001.safetensors"}) {
    WriteMap("{\"a\":\"" + std::string(name) + "\"}");
    ExpectRefused({"model.safetensors.index.json"});
  }
  WriteMap(R"({"a":"../m-1.safetensors"})");
  ExpectRefused({"weight_map: key \"a\": want a plain file name",
                 "found \"../m-1.safetensors\""});
}

TEST_F(ShardedCheckpointTest, RefusesAMissingShard) {
  folder_.Write("m-1.safetensors", SafetensorsFileBytes({a_}));
  WriteMap(map_);
  ExpectRefused({"m-2.safetensors", "No such file"});
}

TEST_F(ShardedCheckpointTest, RefusesATensorThatItsShardLacks) {
  WriteShards({a_}, {b_});
  WriteMap(R"({"a":"m-1.safetensors","c":"m-2.safetensors"})");
  ExpectRefused({"m-2.safetensors: c: want this tensor", "index.json says"});
  WriteMap(R"({"a":"m-2.safetensors","b":"m-1.safetensors"})");
  ExpectRefused({"m-2.safetensors: a: want this tensor"});
}

TEST_F(ShardedCheckpointTest, RefusesATensorInTwoShards) {
  WriteShards({a_}, {b_, a_});
  WriteMap(map_);
  ExpectRefused(
      {"m-2.safetensors: a: want each tensor in one shard", "m-1.safetensors"});
}

TEST_F(ShardedCheckpointTest, RefusesAMalformedIndex) {
  WriteShards({a_}, {b_});
  WriteMap("[]");
  ExpectRefused({"index.json: weight_map: want a JSON object"});
  WriteMap(R"({"a":1})");
  ExpectRefused({"index.json: weight_map: key \"a\": want a string"});
  WriteMap(R"({"a":"m-1.safetensors","a":"m-2.safetensors"})");
  ExpectRefused({"m-2.safetensors: a: want this tensor as "});
  folder_.Write("model.safetensors.index.json", "{}");
  ExpectRefused({"index.json: key \"weight_map\": want an object"});
  folder_.Write("model.safetensors.index.json", "{");
  ExpectRefused({"index.json: want valid JSON"});
}

TEST(CheckpointFolderTest, SaysWhatItFoundInsteadOfWeights) {
  const TestFolder folder;
  const auto open = [&] { Checkpoint::Open(ModelFolder(folder.path())); };
  ExpectError(open, {folder.path().string(), "want a folder with",
                     "model.safetensors.index.json, pytorch_model.bin, "
                     "pytorch_model.bin.index.json, found none of them"});
  folder.Write("model.onnx", "");
  ExpectError(open, {"found model.onnx (an ONNX graph)"});
  folder.Write("adapter.pt", "");
  ExpectError(open, {"found model.onnx (an ONNX graph)"});
}

TEST(CheckpointFolderTest, RefusesAFolderThatIsNone) {
  const TestFolder folder;
  ExpectError([&] { Checkpoint::Open(ModelFolder(folder.path() / "absent")); },
              {"absent", "no such folder"});
  folder.Write("file", "x");
  ExpectError([&] { Checkpoint::Open(ModelFolder(folder.path() / "file")); },
              {"file", "a file in place of the folder"});
}

TEST(CheckpointFolderTest, RefusesALinkToNothing) {
  const TestFolder folder;
  fs::create_symlink("gone", folder.path() / "model.safetensors");
  ExpectError([&] { Checkpoint::Open(ModelFolder(folder.path())); },
              {"model.safetensors", "No such file"});
}

}  // namespace
}  // namespace tessera::models
