// Opening a safetensors file: length first, then header, then offsets.
#include "models/weights/safetensors.h"

#include <tessera/error.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <utility>

#include "models/weights/foreign_format.h"
#include "models/weights/safetensors_header.h"

namespace tessera::models {
namespace {

static_assert(std::endian::native == std::endian::little,
              "lengths and values are copied as they are stored");

constexpr std::uint64_t kLengthBytes = 8;

// The first bytes of the file, fewer if it is shorter.
std::vector<std::byte> ReadPrefix(const File& file) {
  std::vector<std::byte> prefix(static_cast<std::size_t>(
      std::min<std::uint64_t>(kFormatPrefixBytes, file.size_bytes())));
  file.ReadAt(0, prefix);
  return prefix;
}

bool MayBeginJson(std::byte byte) {
  return std::string_view("{ \t\r\n").find(static_cast<char>(byte)) !=
         std::string_view::npos;
}

// Throws when the file is of another known format.
void RefuseForeign(const File& file, std::span<const std::byte> prefix) {
  const auto format = ForeignFormat(prefix);
  if (format.empty()) return;
  throw Error(file.name() + ": want a safetensors file, found " +
              std::string(format));
}

std::uint64_t ReadHeaderLength(const File& file) {
  const auto prefix = ReadPrefix(file);
  if (prefix.size() < kLengthBytes) {
    RefuseForeign(file, prefix);
    throw Error(file.name() + ": want a safetensors file of at least " +
                std::to_string(kLengthBytes) + " bytes, found " +
                std::to_string(prefix.size()));
  }
  std::uint64_t length = 0;
  std::memcpy(&length, prefix.data(), kLengthBytes);
  const std::uint64_t limit =
      std::min(file.size_bytes() - kLengthBytes, kMaxHeaderBytes);
  if (length > limit ||
      (prefix.size() > kLengthBytes && !MayBeginJson(prefix[kLengthBytes]))) {
    RefuseForeign(file, prefix);
  }
  if (length > limit) {
    throw Error(file.name() + ": want a header length of at most " +
                std::to_string(limit) + " bytes (the file has " +
                std::to_string(file.size_bytes()) + "), found " +
                std::to_string(length));
  }
  return length;
}

}  // namespace

SafetensorsFile SafetensorsFile::Open(const std::filesystem::path& path) {
  File file = File::Open(path);
  const std::uint64_t length = ReadHeaderLength(file);
  std::string header(static_cast<std::size_t>(length), '\0');
  file.ReadAt(kLengthBytes, std::as_writable_bytes(std::span(header)));
  const std::uint64_t data_begin = kLengthBytes + length;
  auto tensors = ParseSafetensorsHeader(file.name(), header,
                                        file.size_bytes() - data_begin);
  return SafetensorsFile(std::move(file), data_begin, std::move(tensors));
}

void SafetensorsFile::ReadAt(const TensorInfo& tensor, std::uint64_t offset,
                             std::span<std::byte> out) const {
  file_.ReadAt(data_begin_ + tensor.begin_bytes + offset, out);
}

}  // namespace tessera::models
