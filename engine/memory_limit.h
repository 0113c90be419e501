// How much memory a model may take, by what the system has left.
#ifndef TESSERA_ENGINE_MEMORY_LIMIT_H_
#define TESSERA_ENGINE_MEMORY_LIMIT_H_

#include <cstddef>
#include <filesystem>

namespace tessera::engine {

// Bytes that the machine (MemAvailable of `meminfo`) and the cgroup (its limit
// under `mount`, version 2 or 1) have for new memory: the least of those that
// are known; if none is, as many as a size can say.
std::size_t AvailableMemory(
    const std::filesystem::path& meminfo = "/proc/meminfo",
    const std::filesystem::path& mount = "/sys/fs/cgroup");

// Of weights and work space: AvailableMemory() beside the weights that are
// there, at most 1 GiB, 4 times the weights and 8 MiB for each of the sentences
// that are decoded at once.
std::size_t DefaultMemory(std::size_t weight_bytes, std::size_t sentences);

}  // namespace tessera::engine

#endif  // TESSERA_ENGINE_MEMORY_LIMIT_H_
