// The header of a safetensors file: JSON that names tensors, checked in full
// before any of it is believed.
#ifndef TESSERA_MODELS_WEIGHTS_SAFETENSORS_HEADER_H_
#define TESSERA_MODELS_WEIGHTS_SAFETENSORS_HEADER_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "models/weights/tensor_info.h"

namespace tessera::models {

inline constexpr std::size_t kMaxTensors = 65'536;
inline constexpr std::size_t kMaxTensorNameBytes = 256;
inline constexpr std::size_t kMaxRank = 8;

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
//   tensors,
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

// Throws tessera::Error unless name is acceptable as a tensor's.
void CheckTensorName(const std::string& file, std::string_view name);

}  // namespace tessera::models

#endif  // TESSERA_MODELS_WEIGHTS_SAFETENSORS_HEADER_H_
