// bf16 numbers: the upper half of an f32, stored.
#ifndef TESSERA_KERNELS_BF16_H_
#define TESSERA_KERNELS_BF16_H_

#include <cstdint>

namespace tessera::kernels {

// A number for memory only: 8 bits of precision, the range of f32. Functions
// are forced inline: this header is shared by files compiled for different
// instruction sets, and none may export a copy.
struct Bf16 {
  std::uint16_t bits;
};

// Exact.
[[gnu::always_inline]] inline constexpr float ToFloat(Bf16 x) {
  return __builtin_bit_cast(float, std::uint32_t{x.bits} << 16);
}

// Rounded to the nearest, ties to even; relative error <= 2^-8. Finite numbers
// above the largest bf16 become infinite. NaN stays NaN and becomes quiet.
[[gnu::always_inline]] inline constexpr Bf16 ToBf16(float x) {
  const auto bits = __builtin_bit_cast(std::uint32_t, x);
  const bool nan = (bits & 0x7fffffffu) > 0x7f800000u;
  const std::uint32_t even = (bits >> 16) & 1u;
  const std::uint32_t rounded = nan ? bits | 0x400000u : bits + 0x7fffu + even;
  return {static_cast<std::uint16_t>(rounded >> 16)};
}

}  // namespace tessera::kernels

#endif  // TESSERA_KERNELS_BF16_H_
