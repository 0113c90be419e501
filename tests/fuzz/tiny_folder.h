// A model folder of a few kilobytes as one run of bytes.
#ifndef TESSERA_TESTS_FUZZ_TINY_FOLDER_H_
#define TESSERA_TESTS_FUZZ_TINY_FOLDER_H_

#include <algorithm>
#include <cstdint>
#include <string_view>

#include "tests/fuzz/memory_folder.h"

namespace tessera::fuzz {

// In this order, each behind its length, 4 bytes with the lowest first; what is
// beyond the end of the bytes is absent.
inline constexpr const char* kTinyFiles[] = {
    "config.json",       "generation_config.json", "tokenizer_config.json",
    "source_vocab.json", "target_vocab.json",      "model.safetensors"};

inline void WriteTinyFolder(std::string_view bytes,
                            const MemoryFolder& folder) {
  for (const char* name : kTinyFiles) {
    std::uint32_t size = 0;
    const std::size_t digits = std::min<std::size_t>(bytes.size(), 4);
    for (std::size_t i = 0; i < digits; ++i) {
      size |= std::uint32_t{static_cast<unsigned char>(bytes[i])} << (8 * i);
    }
    bytes.remove_prefix(digits);
    const std::string_view file = bytes.substr(0, size);
    folder.Write(name, file);
    bytes.remove_prefix(file.size());
  }
}

}  // namespace tessera::fuzz

#endif  // TESSERA_TESTS_FUZZ_TINY_FOLDER_H_
