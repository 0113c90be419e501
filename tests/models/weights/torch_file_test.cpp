// OpenTorchFile: what torch.save can write, and the bounds of what it reads.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "models/weights/checkpoint.h"
#include "models/weights/containers.h"
#include "tests/models/weights/test_folder.h"
#include "tests/models/weights/test_torch.h"

namespace tessera::models {
namespace {

namespace fs = std::filesystem;
namespace p = pickle;
using namespace std::string_literals;
using Shape = std::vector<std::size_t>;

const std::string kGood = p::Object(p::Dict({p::Text("a"), p::Tensor()}));

Checkpoint Open(const TestFolder& folder, const std::string& bytes) {
  folder.Write("pytorch_model.bin", bytes);
  return Checkpoint::Open(ModelFolder(folder.path()));
}

// The values of tensor "a".
std::vector<float> ReadA(const std::string& bytes, const Shape& shape) {
  const TestFolder folder;
  return Open(folder, bytes).Read("a", shape);
}

std::string Entry(const std::string& tensor) {
  return p::Object(p::Dict({p::Text("a"), tensor}));
}

TEST(TorchFileTest, ReadsBothForms) {
  const std::vector<float> values = {0, 1, 2, 3, 4, 5};
  EXPECT_EQ(ReadA(TorchZip(kGood), {2, 3}), values);
  EXPECT_EQ(ReadA(TorchStream(), {2, 3}), values);
}

TEST(TorchFileTest, ReadsThroughStrides) {
  const auto read = [](const p::TensorParts& parts, const Shape& shape) {
    return ReadA(TorchZip(Entry(p::Tensor(parts))), shape);
  };
  EXPECT_EQ(read({.sizes = {3, 2}, .strides = {1, 3}}, {3, 2}),
            (std::vector<float>{0, 3, 1, 4, 2, 5}));
  EXPECT_EQ(
      read({.offset = 1, .sizes = {2, 1, 2}, .strides = {3, 9, 1}}, {2, 1, 2}),
      (std::vector<float>{1, 2, 4, 5}));
  EXPECT_EQ(read({.offset = 1, .sizes = {3}, .strides = {2}}, {3}),
            (std::vector<float>{1, 3, 5}));
  EXPECT_EQ(read({.offset = 4, .sizes = {}, .strides = {}}, {}),
            std::vector<float>{4});
  EXPECT_EQ(read({.offset = 6, .sizes = {0, 7}, .strides = {7, 1}}, {0, 7}),
            std::vector<float>{});
}

TEST(TorchFileTest, ReadsWhatOldVersionsAndModulesWrite) {
  const std::string pairs =
      p::Call(p::Global("collections", "OrderedDict"),
              {p::List({p::List({p::Text("a"), p::Tensor()})})});
  const std::string parameter =
      p::Call(p::Global("torch._utils", "_rebuild_parameter"),
              {p::Tensor(), "\x88", p::OrderedDict()});
  const std::string old_tensor =
      p::Call(p::Global("torch._utils", "_rebuild_tensor"),
              {p::Storage(), "K\0"s, p::Integers({6}), p::Integers({1})});
  const std::string metadata =
      p::Dict({p::Text("_metadata"), p::OrderedDict()});
  const std::string others =
      p::Dict({p::Text("epoch"), "K\3", p::Text("a"), p::Tensor(), p::Text("x"),
               "G" + std::string(8, 'x'), p::Text("y"), "N", p::Text("z"),
               p::List({"\x88"}), p::Text("n"), "M\1\1", p::Text("b"),
               "J\xff\xff\xff\xff", p::Text("c"), "U\2hi"});
  for (const std::string& object :
       {p::Object(pairs), Entry(parameter), Entry(old_tensor),
        p::Object(p::Dict({p::Text("a"), p::Tensor()}) + metadata + "b"),
        p::Object(others),
        p::Object(p::Dict(
            {p::Text("state_dict"), p::Dict({p::Text("a"), p::Tensor()})}))}) {
    const TestFolder folder;
    const auto checkpoint = Open(folder, TorchZip(object));
    EXPECT_EQ(checkpoint.Names(), std::vector<std::string>{"a"});
    const Shape shape = checkpoint.Find("a")->shape;
    EXPECT_EQ(checkpoint.Read("a", shape).back(), 5);
  }
}

TEST(TorchFileTest, ReadsArchivesWithWideNumbersAndComments) {
  auto members = TorchMembers(kGood);
  for (ZipMember& member : members) member.wide = true;
  EXPECT_EQ(ReadA(ZipBytes(members), {2, 3}).back(), 5);
  std::string file = TorchZip(kGood);
  file.resize(file.size() - 2);
  file += LittleEndian(7, 2) + "comment";
  EXPECT_EQ(ReadA(file, {2, 3}).back(), 5);
}

TEST(TorchFileTest, TakesNoNotesOfTypesThatNobodyReads) {
  const std::string integers =
      p::Tensor({.storage = p::Storage({.type = "LongStorage", .elements = 3}),
                 .sizes = {3},
                 .strides = {1}});
  const TestFolder folder;
  const auto checkpoint = Open(folder, TorchZip(Entry(integers)));
  EXPECT_EQ(checkpoint.Find("a")->dtype, DType::kI64);
  ExpectError(
      [&] { checkpoint.Read("a", Shape{3}); },
      {"pytorch_model.bin: a: want f32/f16/bf16/f64 [3], found i64 [3]"});
}

TEST(TorchFileTest, RefusesToReadATensorThatRepeatsItsBytes) {
  const TestFolder folder;
  const std::int64_t many = std::int64_t{1} << 40;
  const auto checkpoint =
      Open(folder,
           TorchZip(Entry(p::Tensor({.sizes = {many, 3}, .strides = {0, 1}}))));
  ExpectError(
      [&] {
        checkpoint.Read("a", Shape{std::size_t{1} << 40, 3});
      },
      {"pytorch_model.bin: a: want [1099511627776, 3] values, found 12 bytes"});
}

TEST(TorchFileTest, RefusesStridesThatNameTheSameBytesTooOften) {
  std::vector<std::string> items;
  for (int i = 0; i < 2'000; ++i) {
    items.insert(items.end(), {p::Text(std::to_string(i)), "h\1"});
  }
  const std::string object = p::Dict(
      {p::Text("a"), p::Tensor({.storage = p::Storage({.elements = 10'000}),
                                .sizes = {10'000},
                                .strides = {1}}) +
                         "q\1"});
  std::string more = object + "(";
  for (const std::string& item : items) more += item;
  auto members = TorchMembers(p::Object(more + "u"));
  members[2].bytes = Floats(10'000);
  const TestFolder folder;
  ExpectError([&] { Open(folder, ZipBytes(members)); },
              {"want tensors that share their bytes 16 times at most"});
}

}  // namespace
}  // namespace tessera::models
