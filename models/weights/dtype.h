// The element types that a file of weights can name, and the sizes of what has
// them.
#ifndef TESSERA_MODELS_WEIGHTS_DTYPE_H_
#define TESSERA_MODELS_WEIGHTS_DTYPE_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
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
  kF4
};

// The type that a safetensors file spells so ("BF16"), if there is one; case
// matters.
std::optional<DType> ParseDType(std::string_view spelling);

// Lower case, as messages write it: "bf16".
std::string Name(DType dtype);

std::uint64_t Bits(DType dtype);

// Whether the engine reads weights of this type: F32, F16, BF16 and F64, which
// is rounded to the nearest float32.
bool IsReadable(DType dtype);

// out[i] = in[i], which every IEEE half (F16) and bfloat16 (BF16) allows
// exactly: signed zeros, subnormals, infinities and NaN payloads included.
// Independent of the floating-point environment (rounding, flushing to zero).
//
// Requires: in.size() == out.size(), no overlap.
// Cost: memory-bound, about 1 ns per value.
void ConvertF16(std::span<const std::uint16_t> in, std::span<float> out);
void ConvertBF16(std::span<const std::uint16_t> in, std::span<float> out);

// a * b, or nothing when it does not fit.
inline std::optional<std::uint64_t> CheckedMultiply(std::uint64_t a,
                                                    std::uint64_t b) {
  std::uint64_t product = 0;
  if (__builtin_mul_overflow(a, b, &product)) return std::nullopt;
  return product;
}

// The number of elements of a shape (1 for a scalar), or nothing when it does
// not fit. A dimension of 0 gives 0 whatever the others are.
inline std::optional<std::uint64_t> CheckedElements(
    std::span<const std::size_t> shape) {
  std::optional<std::uint64_t> elements = 1;
  for (const std::size_t dimension : shape) {
    if (dimension == 0) return 0;
    if (elements) elements = CheckedMultiply(*elements, dimension);
  }
  return elements;
}

}  // namespace tessera::models

#endif  // TESSERA_MODELS_WEIGHTS_DTYPE_H_
