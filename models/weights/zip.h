// Where the members of a zip archive lie that were stored without compression.
#ifndef TESSERA_MODELS_WEIGHTS_ZIP_H_
#define TESSERA_MODELS_WEIGHTS_ZIP_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>

#include "models/files/file.h"

namespace tessera::models {

inline constexpr std::uint64_t kMaxZipDirectoryBytes = std::uint64_t{16} << 20;
inline constexpr std::size_t kMaxZipEntries = 70'000;

struct ZipEntry {
  std::uint64_t begin = 0;  // in the file
  std::uint64_t bytes = 0;
};

using ZipEntries = std::map<std::string, ZipEntry, std::less<>>;

// Reads the central directory, with or without ZIP64, and each member's local
// header. Sizes come from the directory alone: writers that stream leave zeros
// in the local ones. Checksums are not compared, as they cover members and
// tensors are read in pieces; safetensors has none.
//
// Throws tessera::Error, with the place as a byte of the file, unless
//   - the archive lies in one file, which the directory and its end close,
//   - no member is compressed or encrypted,
//   - names differ from each other and agree with the local headers,
//   - the members lie before the directory and do not overlap.
ZipEntries ReadZipDirectory(const File& file);

}  // namespace tessera::models

#endif  // TESSERA_MODELS_WEIGHTS_ZIP_H_
