// The formats that are read, and every known magic number and file name.
#include "models/weights/containers.h"

#include <gtest/gtest.h>

#include <span>
#include <string>
#include <string_view>

#include "tests/models/weights/test_folder.h"

namespace tessera::models {
namespace {

using namespace std::string_view_literals;

std::string_view FormatOf(std::string_view bytes) {
  return ForeignFormat(bytes);
}

TEST(ContainersTest, AreInTheOrderOfTransformers) {
  std::string files;
  for (const Container& container : Containers()) {
    files += std::string(container.file) + " ";
  }
  EXPECT_EQ(files, "model.safetensors pytorch_model.bin ");
}

TEST(ContainersTest, NamesFormatsByTheirFirstBytes) {
  const std::pair<std::string_view, std::string_view> cases[] = {
      {"GGUF\x03\0\0\0"sv, "GGUF"},
      {"PK\x03\x04\x14\0\0\0"sv, "zip"},
      {"\x80\x02\x8a\x0al\xfc\x9c"sv, "pickle"},
      {"\x93NUMPY\x01\0"sv, "NumPy"},
      {"\x89HDF\r\n\x1a\n"sv, "HDF5"},
      {"\x01\0\0\0\0\0\0\0\x2a\0"sv, "Marian"},
      {"\x06\0\0\0\x10\0TransformerSpec\0"sv, "CTranslate2"},
      {"\x08\x07\x12\x07pytorch"sv, "ONNX"},
      {"\x1f\x8b\x08\0\0\0"sv, "gzip"},
      {"version https://git-lfs.github.com/spec/v1\n"sv, "git lfs pull"},
      {"<!DOCTYPE html>"sv, "HTML"},
  };
  for (const auto& [bytes, name] : cases) {
    EXPECT_NE(FormatOf(bytes).find(name), std::string_view::npos) << name;
  }
}

TEST(ContainersTest, KnowsNothingAboutOtherBytes) {
  EXPECT_EQ(FormatOf(""), "");
  EXPECT_EQ(FormatOf("G"), "");
  EXPECT_EQ(FormatOf("hello, world"), "");
  EXPECT_EQ(FormatOf("\x06\0\0\0\x10\0"sv), "");
}

TEST(ContainersTest, NamesFormatsByTheirFileNames) {
  for (const auto* name :
       {"tf_model.h5", "flax_model.msgpack", "rust_model.ot", "model.gguf",
        "encoder.onnx", "model.npz", "model.bin", "checkpoint.pt",
        "model.fp16.safetensors"}) {
    const TestFolder folder;
    folder.Write("config.json", "{}");
    folder.Write("source.spm", "");
    EXPECT_EQ(ForeignWeightsIn(ModelFolder(folder.path())), "");
    folder.Write(name, "");
    EXPECT_EQ(ForeignWeightsIn(ModelFolder(folder.path())).find(name), 0u)
        << name;
  }
}

}  // namespace
}  // namespace tessera::models
