// File names and magic numbers of the formats that people have.
#include "models/weights/containers.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "models/files/foreign_folder.h"
#include "models/files/message.h"
#include "models/weights/packed_file.h"

namespace tessera::models {
namespace {

using namespace std::string_view_literals;

constexpr Container kContainers[] = {
    {"model.safetensors", ".safetensors", OpenSafetensors},
    {"pytorch_model.bin", ".bin", OpenTorchFile},
};

// Bytes of a file that ForeignFormat looks at.
constexpr std::uint64_t kFormatPrefixBytes = 512;

struct Known {
  std::string_view pattern;
  std::string_view format;
};

constexpr Known kMagic[] = {
    {"GGUF"sv, "a GGUF file"},
    {"lmgg"sv, "a GGML file"},
    {"tjgg"sv, "a GGML file"},
    {"PK\x03\x04"sv, "a zip archive (PyTorch, NumPy .npz or Keras weights)"},
    {"\x80\x02"sv, "a Python pickle (PyTorch weights)"},
    {"\x80\x03"sv, "a Python pickle (PyTorch weights)"},
    {"\x80\x04"sv, "a Python pickle (PyTorch weights)"},
    {"\x93NUMPY"sv, "a NumPy .npy file"},
    {"\x89HDF\r\n\x1a\n"sv, "an HDF5 file (TensorFlow weights)"},
    {"\x01\0\0\0\0\0\0\0"sv, "a Marian .bin file"},
    {"\x1f\x8b"sv, "a gzip archive"},
    {"version https://git-lfs"sv,
     "a Git LFS pointer; fetch the file itself with: git lfs pull"},
    {"<!DOCTYPE"sv, "an HTML page"},
    {"<html"sv, "an HTML page"},
};

constexpr Known kSuffix[] = {
    {".safetensors", "a safetensors file of another name"},
    {"tf_model.h5", "TensorFlow weights"},
    {".msgpack", "Flax weights"},
    {".ot", "Rust weights"},
    {".gguf", "GGUF weights"},
    {".onnx", "an ONNX graph"},
    {".npz", "Marian or NumPy weights"},
    {"model.bin", "CTranslate2 or Marian weights"},
    {".pt", "PyTorch weights"},
    {".pth", "PyTorch weights"},
    {".ckpt", "a training checkpoint"},
    {".h5", "HDF5 weights"},
};

// ModelProto: field 1 (ir_version) as a small varint, then field 2
// (producer_name), 7 (graph) or 8 (opset_import), each with a length.
bool IsOnnx(std::string_view text) {
  return text.size() > 3 && text[0] == '\x08' && text[1] > 0 && text[1] < 32 &&
         (text[2] == '\x12' || text[2] == '\x3a' || text[2] == '\x42');
}

// A 32-bit version, a 16-bit length and the name of a class such as
// TransformerSpec.
bool IsCTranslate2(std::string_view text) {
  return text.size() > 7 && text[0] > 0 && text.substr(1, 3) == "\0\0\0"sv &&
         text[5] == '\0' && text.substr(6).find("Spec") != text.npos;
}

}  // namespace

std::span<const Container> Containers() { return kContainers; }

bool IsWeightFile(std::string_view name) {
  const auto known = [&](std::string_view suffix) {
    return name.ends_with(suffix);
  };
  return known(".index.json") || known(kPackedFileName) ||
         std::ranges::any_of(kContainers, known, &Container::suffix) ||
         std::ranges::any_of(kSuffix, known, &Known::pattern);
}

std::string_view ForeignFormat(std::string_view text) {
  for (const Known& known : kMagic) {
    if (text.starts_with(known.pattern)) return known.format;
  }
  if (text.size() > 262 && text.substr(257, 5) == "ustar") {
    return "a tar archive (as PyTorch wrote before 0.1.10)";
  }
  if (IsOnnx(text)) return "an ONNX graph";
  if (IsCTranslate2(text)) return "a CTranslate2 model";
  return {};
}

void RefuseForeign(const File& file, std::string_view want) {
  const std::string prefix =
      file.Read(0, std::min(kFormatPrefixBytes, file.size_bytes()));
  const std::string_view format = ForeignFormat(prefix);
  if (!format.empty()) Refuse(file.name(), want, format);
}

std::string ForeignWeightsIn(const ModelFolder& folder) {
  for (const Known& known : kSuffix) {
    for (const std::string& name : folder.names()) {
      if (name.ends_with(known.pattern)) {
        return Cat(ShowName(name), " (", known.format, ")");
      }
    }
  }
  return {};
}

}  // namespace tessera::models
