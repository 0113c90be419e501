// Tensors go to a file of their own, because the header that comes before them
// is known last.
#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "kernels/isa.h"
#include "models/files/message.h"
#include "models/weights/packed_file.h"
#include "models/weights/packed_manifest.h"

namespace tessera::models {
namespace {

constexpr std::size_t kCopyBytes = std::size_t{1} << 20;
constexpr std::size_t kLengthBytes = sizeof(std::uint64_t);

void CheckWritten(const std::fstream& file, const std::filesystem::path& path) {
  if (!file) throw Error(path.string() + ": cannot be written");
}

std::fstream OpenNew(const std::filesystem::path& path) {
  std::fstream file(
      path, std::ios::binary | std::ios::in | std::ios::out | std::ios::trunc);
  CheckWritten(file, path);
  return file;
}

}  // namespace

PackedFileWriter::PackedFileWriter(const std::filesystem::path& folder,
                                   kernels::ElementType type)
    : path_(folder / kPackedFileName),
      data_path_(folder / (std::string(kPackedFileName) + ".data")),
      data_(OpenNew(data_path_)),
      metadata_(
          {{kFormatKey, kPackedFormat},
           {kPrecisionKey, std::string(kernels::Name(type))},
           {kLevelKey, std::string(kernels::Name(kernels::ActiveIsa()))}}) {}

bool PackedFileWriter::Begin(const std::string& name, const char* dtype,
                             std::size_t elements, std::size_t element_bytes) {
  const std::size_t padded = Padded(elements, element_bytes);
  const Entry entry = {dtype, padded, end_, end_ + padded * element_bytes};
  if (!entries_.emplace(name, entry).second) return false;
  end_ = entry.end;
  return true;
}

void PackedFileWriter::Write(std::span<const std::byte> bytes) {
  constexpr char kZeros[kPackedAlignment] = {};
  data_.write(reinterpret_cast<const char*>(bytes.data()),
              static_cast<std::streamsize>(bytes.size()));
  data_.write(kZeros, static_cast<std::streamsize>(Padded(bytes.size(), 1) -
                                                   bytes.size()));
  CheckWritten(data_, data_path_);
}

void PackedFileWriter::AddMatrix(const std::string& name,
                                 const kernels::PackedMatrix& matrix) {
  const std::span<const std::byte> bytes = matrix.storage().bytes();
  if (!Begin(name, "U8", bytes.size(), 1)) return;
  metadata_.emplace(name, DescribeLayout(matrix.product(), matrix.outputs(),
                                         matrix.inputs()));
  Write(bytes);
}

void PackedFileWriter::AddFloats(const std::string& name,
                                 std::span<const float> values) {
  if (!Begin(name, "F32", values.size(), sizeof(float))) return;
  Write(std::as_bytes(values));
}

void PackedFileWriter::AddAnswer(const std::string& question, bool yes) {
  metadata_.emplace(question, yes ? kYes : kNo);
}

// Padded with spaces, so that tensors are aligned.
std::string PackedFileWriter::Header() const {
  nlohmann::json header = {{"__metadata__", metadata_}};
  for (const auto& [name, entry] : entries_) {
    header[name] = {{"dtype", entry.dtype},
                    {"shape", {entry.elements}},
                    {"data_offsets", {entry.begin, entry.end}}};
  }
  std::string text = header.dump();
  const std::size_t bytes = kLengthBytes + text.size();
  text.append((kPackedAlignment - bytes % kPackedAlignment) % kPackedAlignment,
              ' ');
  return text;
}

void PackedFileWriter::Finish(const WeightFacts& facts) {
  metadata_[kParametersKey] = std::to_string(facts.parameters);
  metadata_[kStoredTypesKey] = facts.stored_types;
  std::string& unused = metadata_[kUnusedKey];
  for (const std::string& name : facts.unused_tensors) unused += name + '\n';
  std::string& warnings = metadata_[kWarningsKey];
  for (const std::string& warning : facts.warnings) warnings += warning + '\n';
  const std::string header = Header();
  const std::uint64_t length = header.size();
  std::fstream file = OpenNew(path_);
  file.write(reinterpret_cast<const char*>(&length), kLengthBytes);
  file << header;
  data_.seekg(0);
  std::string piece(kCopyBytes, '\0');
  for (std::uint64_t left = end_; left > 0 && file && data_;) {
    const auto count =
        static_cast<std::streamsize>(std::min<std::uint64_t>(left, kCopyBytes));
    data_.read(piece.data(), count);
    file.write(piece.data(), count);
    left -= static_cast<std::uint64_t>(count);
  }
  CheckWritten(data_, data_path_);
  data_.close();
  file.close();
  CheckWritten(file, path_);
  std::filesystem::remove(data_path_);
}

}  // namespace tessera::models
