// One safetensors file.
#ifndef TESSERA_MODELS_WEIGHTS_SAFETENSORS_H_
#define TESSERA_MODELS_WEIGHTS_SAFETENSORS_H_

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "models/weights/tensor_file.h"

namespace tessera::models {

// Longest header read. Real ones have 100 bytes a tensor.
inline constexpr std::uint64_t kMaxHeaderBytes = std::uint64_t{16} << 20;

// Reads a header and returns its tensors in the order of their data, where
// they lie counted from the header's end.
//
//   file        the file's name, for messages
//   header      the JSON: name -> {"dtype", "shape", "data_offsets"}, and
//               optionally "__metadata__" with strings
//   data_bytes  bytes in the file after the header
//
// Throws tessera::Error unless
//   - the header is strict JSON (models/files/json.h) of at most kMaxTensors
//     tensors,
//   - each name is 1 to kMaxTensorNameBytes printable ASCII characters,
//   - each type is known and each shape has at most kMaxRank dimensions,
//   - shape and type need exactly the bytes between the offsets,
//   - the tensors fill the data from its first byte to its last without hole
//     or overlap.
// Tensors need not be aligned: old writers sorted by name alone, and values
// are copied out, so alignment has no effect.
std::vector<TensorInfo> ParseSafetensorsHeader(const std::string& file,
                                               std::string_view header,
                                               std::uint64_t data_bytes);

// Opens a file of this layout:
//   u64 little-endian N | N bytes of JSON header | data of the tensors
// Throws tessera::Error with the file's name, the tensor where it concerns one,
// and the rule broken. A file of another known format is named as such.
TensorFile OpenSafetensors(const std::filesystem::path& path);

}  // namespace tessera::models

#endif  // TESSERA_MODELS_WEIGHTS_SAFETENSORS_H_
