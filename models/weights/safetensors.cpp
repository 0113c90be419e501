// Length first, then the rules of the header, one function for each group.
#include "models/weights/safetensors.h"

#include <tessera/error.h>

#include <algorithm>
#include <bit>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "models/files/json.h"
#include "models/files/json_parser.h"
#include "models/weights/checked_math.h"
#include "models/weights/containers.h"

namespace tessera::models {
namespace {

static_assert(std::endian::native == std::endian::little,
              "lengths and values are copied as they are stored");

constexpr std::uint64_t kLengthBytes = 8;
constexpr std::string_view kWant = "a safetensors file";

bool BeginsJson(const File& file) {
  char first = 0;
  file.ReadAt(kLengthBytes, std::as_writable_bytes(std::span(&first, 1)));
  return std::string_view("{ \t\r\n").find(first) != std::string_view::npos;
}

std::uint64_t ReadHeaderLength(const File& file) {
  if (file.size_bytes() < kLengthBytes) {
    RefuseForeign(file, kWant);
    throw Error(file.name() + ": want a safetensors file of at least " +
                std::to_string(kLengthBytes) + " bytes, found " +
                std::to_string(file.size_bytes()));
  }
  std::uint64_t length = 0;
  file.ReadAt(0, std::as_writable_bytes(std::span(&length, 1)));
  const std::uint64_t limit =
      std::min(file.size_bytes() - kLengthBytes, kMaxHeaderBytes);
  if (length > limit ||
      (file.size_bytes() > kLengthBytes && !BeginsJson(file))) {
    RefuseForeign(file, kWant);
  }
  if (length > limit) {
    throw Error(file.name() + ": want a header length of at most " +
                std::to_string(limit) + " bytes (the file has " +
                std::to_string(file.size_bytes()) + "), found " +
                std::to_string(length));
  }
  return length;
}

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

TensorFile OpenSafetensors(const std::filesystem::path& path) {
  File file = File::Open(path);
  const std::uint64_t length = ReadHeaderLength(file);
  std::string header(static_cast<std::size_t>(length), '\0');
  file.ReadAt(kLengthBytes, std::as_writable_bytes(std::span(header)));
  const std::uint64_t data_begin = kLengthBytes + length;
  auto tensors = ParseSafetensorsHeader(file.name(), header,
                                        file.size_bytes() - data_begin);
  for (TensorInfo& tensor : tensors) {
    tensor.begin_bytes += data_begin;
    tensor.end_bytes += data_begin;
  }
  return TensorFile(std::move(file), std::move(tensors));
}

}  // namespace tessera::models
