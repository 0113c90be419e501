// Exact conversion of stored 16-bit floats to float32.
#ifndef TESSERA_MODELS_WEIGHTS_CONVERT_H_
#define TESSERA_MODELS_WEIGHTS_CONVERT_H_

#include <cstdint>
#include <span>

namespace tessera::models {

// out[i] = in[i], which every IEEE half (F16) and bfloat16 (BF16) allows
// exactly: signed zeros, subnormals, infinities and NaN payloads included.
// Independent of the floating-point environment (rounding, flushing to zero).
//
// Requires: in.size() == out.size(), no overlap.
// Cost: memory-bound, about 1 ns per value.
void ConvertF16(std::span<const std::uint16_t> in, std::span<float> out);
void ConvertBF16(std::span<const std::uint16_t> in, std::span<float> out);

}  // namespace tessera::models

#endif  // TESSERA_MODELS_WEIGHTS_CONVERT_H_
