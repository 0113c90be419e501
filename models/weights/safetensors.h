// One safetensors file.
#ifndef TESSERA_MODELS_WEIGHTS_SAFETENSORS_H_
#define TESSERA_MODELS_WEIGHTS_SAFETENSORS_H_

#include <cstdint>
#include <filesystem>

#include "models/weights/tensor_file.h"

namespace tessera::models {

// Longest header read. Real ones have 100 bytes a tensor.
inline constexpr std::uint64_t kMaxHeaderBytes = std::uint64_t{16} << 20;

// Opens a file of this layout:
//   u64 little-endian N | N bytes of JSON header | data of the tensors
// Throws tessera::Error with the file's name, the tensor where it concerns
// one, and the rule broken (safetensors_header.h lists them). A file of another
// known format is named as such. Tensors are in the order of their data.
TensorFile OpenSafetensors(const std::filesystem::path& path);

}  // namespace tessera::models

#endif  // TESSERA_MODELS_WEIGHTS_SAFETENSORS_H_
