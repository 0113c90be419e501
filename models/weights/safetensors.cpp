// Safetensors: length first, then the rules of the header, one function for
// each group.
#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "models/files/json.h"
#include "models/files/message.h"
#include "models/weights/containers.h"

namespace tessera::models {
namespace {

constexpr std::uint64_t kLengthBytes = 8;
constexpr std::string_view kWant = "a safetensors file";

bool BeginsJson(const File& file) {
  return file.Read(kLengthBytes, 1).find_first_of("{ \t\r\n") == 0;
}

std::uint64_t ReadHeaderLength(const File& file) {
  if (file.size_bytes() < kLengthBytes) {
    RefuseForeign(file, kWant);
    Refuse(file.name(), Cat(kWant, " of at least ", kLengthBytes, " bytes"),
           file.size_bytes());
  }
  const std::uint64_t length = file.ReadNumber(0);
  const std::uint64_t limit =
      std::min(file.size_bytes() - kLengthBytes, kMaxHeaderBytes);
  if (length > limit ||
      (file.size_bytes() > kLengthBytes && !BeginsJson(file))) {
    RefuseForeign(file, kWant);
  }
  if (length > limit) {
    Refuse(file.name(),
           Cat("a header length of at most ", limit, " bytes (the file has ",
               file.size_bytes(), ")"),
           length);
  }
  return length;
}

constexpr std::string_view kMetadata = "__metadata__";

TensorFile::Metadata ReadMetadata(const JsonObject& header) {
  if (!header.Contains(kMetadata)) return {};
  const JsonObject stored =
      header.Object(kMetadata, header.where() + ": " + std::string(kMetadata));
  TensorFile::Metadata metadata;
  for (const std::string& key : stored.Keys()) {
    if (!stored.IsString(key)) stored.Fail(key, "a string");
    metadata.emplace(key, stored.Text(key));
  }
  return metadata;
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
    Refuse(entry.where(), "the keys \"dtype\", \"shape\" and \"data_offsets\"",
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
    Refuse(entry.where(), Cat("at most ", kMaxRank, " dimensions"),
           dimensions.size());
  }
  return {dimensions.begin(), dimensions.end()};
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
    Refuse(entry.where(),
           Cat(bytes ? Cat(*bytes) : "a representable number of", " bytes for ",
               Name(tensor.dtype), " ", FormatShape(tensor.shape)),
           Cat(tensor.bytes(), " by its data_offsets"));
  }
  return tensor;
}

// Requires tensors sorted by offset.
void CheckTiling(const std::string& file, std::uint64_t data_bytes,
                 const std::vector<TensorInfo>& tensors) {
  std::uint64_t end = 0;
  for (const TensorInfo& tensor : tensors) {
    if (tensor.begin_bytes != end) {
      Refuse(Cat(file, ": ", tensor.name),
             Cat("data from byte ", end, " on, without ",
                 tensor.begin_bytes < end ? "overlap" : "hole"),
             Cat("it at byte ", tensor.begin_bytes));
    }
    end = tensor.end_bytes;
  }
  if (end == data_bytes) return;
  Refuse(file, Cat(end, " bytes of data, the end of its last tensor"),
         Cat(data_bytes, data_bytes < end ? " (the file is cut short)" : ""));
}

}  // namespace

std::vector<TensorInfo> ParseSafetensorsHeader(const std::string& file,
                                               std::string_view header_text,
                                               std::uint64_t data_bytes,
                                               TensorFile::Metadata* metadata) {
  const JsonObject header = JsonObject::Parse(file, header_text);
  TensorFile::Metadata read = ReadMetadata(header);
  if (metadata) *metadata = std::move(read);
  std::vector<std::string> names = header.Keys();
  std::erase(names, kMetadata);
  if (names.size() > kMaxTensors) {
    Refuse(file, Cat("at most ", kMaxTensors, " tensors"), names.size());
  }
  std::vector<TensorInfo> tensors;
  for (const std::string& name : names) {
    CheckTensorName(file, name);
    tensors.push_back(ReadTensor(header, name));
  }
  std::ranges::stable_sort(tensors, {}, [](const TensorInfo& tensor) {
    return std::pair(tensor.begin_bytes, tensor.end_bytes);
  });
  CheckTiling(file, data_bytes, tensors);
  return tensors;
}

TensorFile OpenSafetensors(const std::filesystem::path& path) {
  File file = File::Open(path);
  const std::uint64_t length = ReadHeaderLength(file);
  const std::string header = file.Read(kLengthBytes, length);
  const std::uint64_t data_begin = kLengthBytes + length;
  TensorFile::Metadata metadata;
  auto tensors = ParseSafetensorsHeader(
      file.name(), header, file.size_bytes() - data_begin, &metadata);
  for (TensorInfo& tensor : tensors) {
    tensor.begin_bytes += data_begin;
    tensor.end_bytes += data_begin;
  }
  return TensorFile(std::move(file), std::move(tensors), std::move(metadata));
}

}  // namespace tessera::models
