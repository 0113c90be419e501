// What golden files of tokenizers say of ids and texts in few digits.
#ifndef TESSERA_TESTS_ENGINE_TOKENIZER_GOLDEN_HASH_H_
#define TESSERA_TESTS_ENGINE_TOKENIZER_GOLDEN_HASH_H_

#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

namespace tessera::engine {

// FNV-1a of 64 bits over ids and the text of them, in hexadecimal digits.
inline std::string GoldenHash(const std::vector<std::int32_t>& ids,
                              std::string_view text) {
  std::uint64_t value = 0xCBF29CE484222325;
  const auto add = [&](std::uint32_t byte) {
    value = (value ^ (byte & 0xFF)) * 0x100000001B3;
  };
  for (const std::int32_t id : ids) {
    for (int shift = 0; shift < 32; shift += 8) {
      add(static_cast<std::uint32_t>(id) >> shift);
    }
  }
  for (const char c : text) add(static_cast<unsigned char>(c));
  char digits[17];
  std::snprintf(digits, sizeof(digits), "%016llx",
                static_cast<unsigned long long>(value));
  return digits;
}

// Bytes in base64, with padding.
inline std::string Base64(std::string_view bytes) {
  constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    std::uint32_t bits = 0;
    for (std::size_t j = 0; j < 3; ++j) {
      bits = bits << 8 |
             (i + j < bytes.size() ? static_cast<unsigned char>(bytes[i + j])
                                   : 0u);
    }
    for (std::size_t j = 0; j < 4; ++j) {
      text += i + j > bytes.size() ? '=' : kDigits[bits >> (18 - 6 * j) & 63];
    }
  }
  return text;
}

}  // namespace tessera::engine

#endif  // TESSERA_TESTS_ENGINE_TOKENIZER_GOLDEN_HASH_H_
