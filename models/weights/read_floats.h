// The values of one tensor, from a file into float32.
#ifndef TESSERA_MODELS_WEIGHTS_READ_FLOATS_H_
#define TESSERA_MODELS_WEIGHTS_READ_FLOATS_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "models/weights/safetensors.h"
#include "models/weights/tensor_info.h"

namespace tessera::models {

// Reads a tensor of type F32, F16 or BF16 into out, in pieces that stay in
// cache. Returns the index of the first value that is not finite, if any.
// Requires: out.size() == tensor.elements().
std::optional<std::size_t> ReadFloats(const SafetensorsFile& file,
                                      const TensorInfo& tensor,
                                      std::span<float> out);

}  // namespace tessera::models

#endif  // TESSERA_MODELS_WEIGHTS_READ_FLOATS_H_
