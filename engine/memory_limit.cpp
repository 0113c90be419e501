// Files of the kernel that tell of memory.
#include "engine/memory_limit.h"

#include <algorithm>
#include <fstream>
#include <limits>
#include <string>

namespace tessera::engine {
namespace {

constexpr std::size_t kAny = std::numeric_limits<std::size_t>::max();

// "MemAvailable:   123456 kB"
std::size_t MachineMemory(const std::filesystem::path& meminfo) {
  std::ifstream file(meminfo);
  for (std::string name; file >> name;) {
    std::size_t kibibytes = 0;
    if (name == "MemAvailable:" && file >> kibibytes) return kibibytes << 10;
  }
  return kAny;
}

// Bytes, or "max".
std::size_t Limit(const std::filesystem::path& path) {
  std::size_t bytes = 0;
  std::ifstream file(path);
  return file >> bytes && bytes > 0 ? bytes : kAny;
}

}  // namespace

std::size_t AvailableMemory(const std::filesystem::path& meminfo,
                            const std::filesystem::path& mount) {
  return std::min({MachineMemory(meminfo), Limit(mount / "memory.max"),
                   Limit(mount / "memory" / "memory.limit_in_bytes")});
}

std::size_t DefaultMemory(std::size_t weight_bytes, std::size_t sentences) {
  constexpr std::size_t kBase = std::size_t{1} << 30;
  constexpr std::size_t kSentence = std::size_t{8} << 20;
  const std::size_t available = AvailableMemory();
  const std::size_t left = kAny - available;
  return std::min(available + std::min(weight_bytes, left),
                  kBase + 4 * weight_bytes + kSentence * sentences);
}

}  // namespace tessera::engine
