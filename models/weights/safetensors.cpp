// Opening a safetensors file: length first, then header, then offsets.
#include "models/weights/safetensors.h"

#include <tessera/error.h>

#include <algorithm>
#include <bit>
#include <string>
#include <string_view>
#include <utility>

#include "models/weights/containers.h"
#include "models/weights/safetensors_header.h"

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

}  // namespace

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
