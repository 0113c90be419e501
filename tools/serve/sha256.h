// SHA-256, by which keys are known without being kept.
#ifndef TESSERA_TOOLS_SERVE_SHA256_H_
#define TESSERA_TOOLS_SERVE_SHA256_H_

#include <array>
#include <cstdint>
#include <string_view>

namespace tessera::tools::serve {

using Digest = std::array<std::uint8_t, 32>;

// Source: FIPS 180-4.
Digest Sha256(std::string_view bytes);

}  // namespace tessera::tools::serve

#endif  // TESSERA_TOOLS_SERVE_SHA256_H_
