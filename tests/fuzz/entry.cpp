// libFuzzer's way into one target.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "tests/fuzz/targets.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  using tessera::fuzz::kTargets;
  for (const auto& target : kTargets) {
    if (std::string_view(target.name) != TESSERA_FUZZ_TARGET) continue;
    target.run({reinterpret_cast<const char*>(data), size});
  }
  return 0;
}
