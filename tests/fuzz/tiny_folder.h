// Model folders of a few kilobytes as one run of bytes.
#ifndef TESSERA_TESTS_FUZZ_TINY_FOLDER_H_
#define TESSERA_TESTS_FUZZ_TINY_FOLDER_H_

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string_view>
#include <system_error>

#include "tests/fuzz/memory_folder.h"

namespace tessera::fuzz {

// What stands in front of `bytes` behind its length, 4 bytes with the lowest
// first; what is beyond the end of the bytes is absent.
inline std::string_view TakePart(std::string_view& bytes) {
  std::uint32_t size = 0;
  const std::size_t digits = std::min<std::size_t>(bytes.size(), 4);
  for (std::size_t i = 0; i < digits; ++i) {
    size |= std::uint32_t{static_cast<unsigned char>(bytes[i])} << (8 * i);
  }
  bytes.remove_prefix(digits);
  const std::string_view part = bytes.substr(0, size);
  bytes.remove_prefix(part.size());
  return part;
}

// In this order, each a part.
inline constexpr const char* kTinyFiles[] = {
    "config.json",       "generation_config.json", "tokenizer_config.json",
    "source_vocab.json", "target_vocab.json",      "model.safetensors"};

inline void WriteTinyFolder(std::string_view bytes,
                            const MemoryFolder& folder) {
  for (const char* name : kTinyFiles) folder.Write(name, TakePart(bytes));
}

// In place of what is in the folder, whatever files there are: for each its
// name, a line feed, a part. A name with a slash at its end makes a folder.
// Those that no folder can have, or not beside the others, are left out.
inline void WriteNamedFiles(std::string_view bytes,
                            const MemoryFolder& folder) {
  namespace fs = std::filesystem;
  constexpr int kMost = 40;
  for (const auto& entry : fs::directory_iterator(folder.path())) {
    fs::remove_all(entry.path());
  }
  for (int i = 0; i < kMost && !bytes.empty(); ++i) {
    const std::size_t line = std::min(bytes.find('\n'), bytes.size());
    const std::string_view name = bytes.substr(0, line);
    bytes.remove_prefix(std::min(line + 1, bytes.size()));
    const std::string_view part = TakePart(bytes);
    const auto inner = fs::path("/") / name;
    if (name.empty() || name.find('\0') != name.npos ||
        inner != inner.lexically_normal() || name.front() == '/') {
      continue;
    }
    std::error_code error;
    const fs::path file = folder.path() / name;
    fs::create_directories(file.parent_path(), error);
    if (error || !file.has_filename()) continue;
    std::ofstream(file, std::ios::binary) << part;
  }
}

}  // namespace tessera::fuzz

#endif  // TESSERA_TESTS_FUZZ_TINY_FOLDER_H_
