// The rules of a safetensors header, one function for each group.
#include "models/weights/safetensors_header.h"

#include <tessera/error.h>

#include <algorithm>
#include <optional>

#include "models/files/json.h"
#include "models/files/json_parser.h"
#include "models/weights/checked_math.h"

namespace tessera::models {
namespace {

constexpr std::string_view kMetadata = "__metadata__";

void CheckMetadata(const JsonObject& header) {
  if (!header.Contains(kMetadata)) return;
  const JsonObject metadata =
      header.Object(kMetadata, header.where() + ": " + std::string(kMetadata));
  for (const std::string& key : metadata.Keys()) {
    if (!metadata.IsString(key)) metadata.Fail(key, "a string");
  }
}

// The bytes that a tensor needs, or nothing when that is not a whole number or
// does not fit.
std::optional<std::uint64_t> Bytes(const TensorInfo& tensor) {
  const auto elements = CheckedElements(tensor.shape);
  if (!elements) return std::nullopt;
  const auto bits = CheckedMultiply(*elements, Bits(tensor.dtype));
  if (!bits || *bits % 8 != 0) return std::nullopt;
  return *bits / 8;
}

void CheckKeys(const JsonObject& entry) {
  for (const std::string& key : entry.Keys()) {
    if (key == "dtype" || key == "shape" || key == "data_offsets") continue;
    throw Error(entry.where() +
                ": want the keys \"dtype\", \"shape\" and \"data_offsets\", "
                "found " +
                QuoteText(key));
  }
}

DType ReadDType(const JsonObject& entry) {
  const auto dtype = ParseDType(entry.String("dtype"));
  if (!dtype) entry.Fail("dtype", "a known element type such as F32 or BF16");
  return *dtype;
}

std::vector<std::size_t> ReadShape(const JsonObject& entry) {
  const auto dimensions = entry.Integers("shape");
  if (dimensions.size() > kMaxRank) {
    throw Error(entry.where() + ": want at most " + std::to_string(kMaxRank) +
                " dimensions, found " + std::to_string(dimensions.size()));
  }
  std::vector<std::size_t> shape;
  for (const auto dimension : dimensions) {
    shape.push_back(static_cast<std::size_t>(dimension));
  }
  return shape;
}

void ReadOffsets(const JsonObject& entry, TensorInfo& tensor) {
  const auto offsets = entry.Integers("data_offsets");
  if (offsets.size() != 2 || offsets[0] > offsets[1]) {
    entry.Fail("data_offsets", "a begin and an end, in this order");
  }
  tensor.begin_bytes = static_cast<std::uint64_t>(offsets[0]);
  tensor.end_bytes = static_cast<std::uint64_t>(offsets[1]);
}

TensorInfo ReadTensor(const JsonObject& header, const std::string& name) {
  const JsonObject entry = header.Object(name, header.where() + ": " + name);
  CheckKeys(entry);
  TensorInfo tensor{
      .name = name, .dtype = ReadDType(entry), .shape = ReadShape(entry)};
  ReadOffsets(entry, tensor);
  const auto bytes = Bytes(tensor);
  if (!bytes || *bytes != tensor.bytes()) {
    throw Error(entry.where() + ": want " +
                (bytes ? std::to_string(*bytes) : "a representable number of") +
                " bytes for " + Name(tensor.dtype) + " " +
                FormatShape(tensor.shape) + ", found " +
                std::to_string(tensor.bytes()) + " by its data_offsets");
  }
  return tensor;
}

// Requires tensors sorted by offset.
void CheckTiling(const std::string& file, std::uint64_t data_bytes,
                 const std::vector<TensorInfo>& tensors) {
  std::uint64_t end = 0;
  for (const TensorInfo& tensor : tensors) {
    if (tensor.begin_bytes != end) {
      throw Error(file + ": " + tensor.name + ": want data from byte " +
                  std::to_string(end) + " on, without " +
                  (tensor.begin_bytes < end ? "overlap" : "hole") +
                  ", found it at byte " + std::to_string(tensor.begin_bytes));
    }
    end = tensor.end_bytes;
  }
  if (end == data_bytes) return;
  throw Error(file + ": want " + std::to_string(end) +
              " bytes of data, the end of its last tensor, found " +
              std::to_string(data_bytes) +
              (data_bytes < end ? " (the file is cut short)" : ""));
}

}  // namespace

void CheckTensorName(const std::string& file, std::string_view name) {
  const bool printable = std::all_of(
      name.begin(), name.end(), [](char c) { return c >= ' ' && c <= '~'; });
  if (printable && !name.empty() && name.size() <= kMaxTensorNameBytes) return;
  throw Error(file + ": want tensor names of 1 to " +
              std::to_string(kMaxTensorNameBytes) +
              " printable ASCII characters, found " + QuoteText(name));
}

std::vector<TensorInfo> ParseSafetensorsHeader(const std::string& file,
                                               std::string_view header_text,
                                               std::uint64_t data_bytes) {
  const JsonObject header = JsonObject::Parse(file, header_text);
  CheckMetadata(header);
  std::vector<std::string> names = header.Keys();
  std::erase(names, kMetadata);
  if (names.size() > kMaxTensors) {
    throw Error(file + ": want at most " + std::to_string(kMaxTensors) +
                " tensors, found " + std::to_string(names.size()));
  }
  std::vector<TensorInfo> tensors;
  for (const std::string& name : names) {
    CheckTensorName(file, name);
    tensors.push_back(ReadTensor(header, name));
  }
  std::stable_sort(tensors.begin(), tensors.end(),
                   [](const TensorInfo& a, const TensorInfo& b) {
                     return a.begin_bytes != b.begin_bytes
                                ? a.begin_bytes < b.begin_bytes
                                : a.end_bytes < b.end_bytes;
                   });
  CheckTiling(file, data_bytes, tensors);
  return tensors;
}

}  // namespace tessera::models
