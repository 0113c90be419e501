// The wire format of protocol buffers, read strictly and written.
#ifndef TESSERA_ENGINE_TOKENIZER_PROTOBUF_H_
#define TESSERA_ENGINE_TOKENIZER_PROTOBUF_H_

#include <cstdint>
#include <string>
#include <string_view>

namespace tessera::engine {

// How the bytes of a field are laid out; groups (3 and 4) are refused.
enum class WireType : std::uint8_t {
  kVarint = 0,
  kFixed64 = 1,
  kBytes = 2,
  kFixed32 = 5
};

// The fields of one message, one after another. Throws Error, whose message
// begins with `where` and wants `what`, for bytes that are none.
class WireReader {
 public:
  WireReader(std::string_view where, std::string_view what,
             std::string_view bytes)
      : where_(where), what_(what), rest_(bytes) {}

  // Goes to the next field; false at the end.
  bool Next();

  // Of the field: its number, from 1 to 2^29 - 1, its type, and its value: a
  // number, or bytes without their length.
  std::uint32_t number() const { return number_; }
  WireType type() const { return type_; }
  std::uint64_t varint() const { return varint_; }
  std::string_view bytes() const { return bytes_; }

 private:
  [[noreturn]] void Fail(const char* found) const;
  std::string_view Take(std::uint64_t count);
  std::uint64_t Varint();

  std::string_view where_, what_;
  std::string_view rest_;
  std::uint32_t number_ = 0;
  WireType type_ = WireType::kVarint;
  std::uint64_t varint_ = 0;
  std::string_view bytes_;
};

// Adds a field to a message: a number, bytes behind their length, or bytes of
// a fixed length (4).
void AppendVarintField(std::uint32_t number, std::uint64_t value,
                       std::string& message);
void AppendBytesField(std::uint32_t number, std::string_view bytes,
                      std::string& message);
void AppendFixed32Field(std::uint32_t number, std::string_view bytes,
                        std::string& message);

}  // namespace tessera::engine

#endif  // TESSERA_ENGINE_TOKENIZER_PROTOBUF_H_
