// Size arithmetic that cannot wrap: all sums and products of numbers that come
// from a file go through here.
#ifndef TESSERA_MODELS_WEIGHTS_CHECKED_MATH_H_
#define TESSERA_MODELS_WEIGHTS_CHECKED_MATH_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace tessera::models {

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

#endif  // TESSERA_MODELS_WEIGHTS_CHECKED_MATH_H_
