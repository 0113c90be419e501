// Varints and lengths, none of which is believed.
#include "engine/tokenizer/protobuf.h"

#include "models/files/message.h"

namespace tessera::engine {
namespace {

constexpr const char* kOther = "another kind of file";

void AppendVarint(std::uint64_t value, std::string& message) {
  for (; value > 0x7F; value >>= 7) {
    message += static_cast<char>((value & 0x7F) | 0x80);
  }
  message += static_cast<char>(value);
}

void AppendTag(std::uint32_t number, WireType type, std::string& message) {
  AppendVarint(number << 3 | static_cast<std::uint32_t>(type), message);
}

}  // namespace

void WireReader::Fail(const char* found) const {
  models::Refuse(where_, what_, found);
}

bool WireReader::Next() {
  if (rest_.empty()) return false;
  // Readers keep 32 bits of a tag: one with more would be one field here and
  // another one there.
  const std::uint64_t tag = Varint();
  if (tag > 0xFFFFFFFF || tag >> 3 == 0) Fail(kOther);
  number_ = static_cast<std::uint32_t>(tag >> 3);
  type_ = static_cast<WireType>(tag & 7);
  varint_ = 0;
  bytes_ = {};
  switch (type_) {
    case WireType::kVarint:
      varint_ = Varint();
      return true;
    case WireType::kFixed64:
      bytes_ = Take(8);
      return true;
    case WireType::kBytes:
      bytes_ = Take(Varint());
      return true;
    case WireType::kFixed32:
      bytes_ = Take(4);
      return true;
  }
  Fail(kOther);
}

std::string_view WireReader::Take(std::uint64_t count) {
  if (count > rest_.size()) Fail("one that is cut short");
  const auto taken = rest_.substr(0, static_cast<std::size_t>(count));
  rest_.remove_prefix(taken.size());
  return taken;
}

// At most ten bytes, of which the last holds one bit.
std::uint64_t WireReader::Varint() {
  std::uint64_t value = 0;
  for (unsigned shift = 0; shift < 64; shift += 7) {
    const auto byte = static_cast<unsigned char>(Take(1).front());
    if (shift == 63 && byte > 1) break;
    value |= std::uint64_t{byte & 0x7Fu} << shift;
    if (byte < 0x80) return value;
  }
  Fail(kOther);
}

void AppendVarintField(std::uint32_t number, std::uint64_t value,
                       std::string& message) {
  AppendTag(number, WireType::kVarint, message);
  AppendVarint(value, message);
}

void AppendBytesField(std::uint32_t number, std::string_view bytes,
                      std::string& message) {
  AppendTag(number, WireType::kBytes, message);
  AppendVarint(bytes.size(), message);
  message += bytes;
}

void AppendFixed32Field(std::uint32_t number, std::string_view bytes,
                        std::string& message) {
  AppendTag(number, WireType::kFixed32, message);
  message += bytes;
}

}  // namespace tessera::engine
