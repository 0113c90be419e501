// Digests as files of keys spell them.
#ifndef TESSERA_TESTS_TOOLS_SERVE_HEX_H_
#define TESSERA_TESTS_TOOLS_SERVE_HEX_H_

#include <cstdint>
#include <cstdio>
#include <string>

#include "tools/serve/sha256.h"

namespace tessera::tools::serve {

inline std::string Hex(const Digest& digest) {
  std::string text;
  for (const std::uint8_t byte : digest) {
    char digits[3];
    std::snprintf(digits, sizeof digits, "%02x", byte);
    text += digits;
  }
  return text;
}

}  // namespace tessera::tools::serve

#endif  // TESSERA_TESTS_TOOLS_SERVE_HEX_H_
