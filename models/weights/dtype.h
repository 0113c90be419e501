// The element types that a file of weights can name.
#ifndef TESSERA_MODELS_WEIGHTS_DTYPE_H_
#define TESSERA_MODELS_WEIGHTS_DTYPE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tessera::models {

enum class DType : std::uint8_t {
  kF32,
  kF16,
  kBF16,
  kF64,
  kBool,
  kI8,
  kI16,
  kI32,
  kI64,
  kU8,
  kU16,
  kU32,
  kU64,
  kC64,
  kF8E5M2,
  kF8E4M3,
  kF8E8M0,
  kF8E4M3Fnuz,
  kF8E5M2Fnuz,
  kF6E2M3,
  kF6E3M2,
  kF4,
};

// The type that a safetensors file spells so ("BF16"), if there is one; case
// matters.
std::optional<DType> ParseDType(std::string_view spelling);

// Lower case, as messages write it: "bf16".
std::string Name(DType dtype);

std::uint64_t Bits(DType dtype);

// Whether the engine reads weights of this type: F32, F16 and BF16.
bool IsReadable(DType dtype);

}  // namespace tessera::models

#endif  // TESSERA_MODELS_WEIGHTS_DTYPE_H_
