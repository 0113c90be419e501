// Numbers in memory and views of row-major matrices of them: what kernels take
// instead of owning memory.
#ifndef TESSERA_KERNELS_VIEWS_H_
#define TESSERA_KERNELS_VIEWS_H_

#include <cstddef>
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

// A matrix [rows, cols] whose row r starts at data + r * stride (in elements,
// stride >= cols). Members are forced inline: this header is shared by files
// compiled for different instruction sets, and none may export a copy.
template <class T>
struct Rows {
  T* data = nullptr;
  std::size_t rows = 0;
  std::size_t cols = 0;
  std::size_t stride = 0;

  [[gnu::always_inline]] inline T* operator[](std::size_t row) const {
    return data + row * stride;
  }
  // NOLINTNEXTLINE(google-explicit-constructor): as T* becomes const T*.
  [[gnu::always_inline]] inline operator Rows<const T>() const {
    return {data, rows, cols, stride};
  }
  // Rows [first, first + count).
  [[gnu::always_inline]] inline Rows Slice(std::size_t first,
                                           std::size_t count) const {
    return {data + first * stride, count, cols, stride};
  }
  // Columns [first, first + count) of every row.
  [[gnu::always_inline]] inline Rows Columns(std::size_t first,
                                             std::size_t count) const {
    return {data + first, rows, count, stride};
  }
};

// A dense matrix: stride == cols.
template <class T>
[[gnu::always_inline]] inline Rows<T> Dense(T* data, std::size_t rows,
                                            std::size_t cols) {
  return {data, rows, cols, cols};
}

// What numbers are stored as, where that is told at run time.
enum class ElementType : std::uint8_t { kF32, kBf16, kS8, kS16 };

[[gnu::always_inline]] inline constexpr std::size_t BytesOf(ElementType type) {
  return type == ElementType::kF32 ? 4 : type == ElementType::kS8 ? 1 : 2;
}
template <class T>
inline constexpr ElementType kElementType = ElementType::kF32;
template <>
inline constexpr ElementType kElementType<Bf16> = ElementType::kBf16;
template <>
inline constexpr ElementType kElementType<const Bf16> = ElementType::kBf16;
template <>
inline constexpr ElementType kElementType<const std::int8_t> = ElementType::kS8;
template <>
inline constexpr ElementType kElementType<const std::int16_t> =
    ElementType::kS16;

// Rows to be read, of a type that is told at run time. Any Rows are such rows.
struct TypedRows {
  ElementType type = ElementType::kF32;
  const void* data = nullptr;
  std::size_t rows = 0;
  std::size_t cols = 0;
  std::size_t stride = 0;

  TypedRows() = default;
  template <class T>
  [[gnu::always_inline]] inline TypedRows(const Rows<T>& r)
      : type(kElementType<T>),
        data(r.data),
        rows(r.rows),
        cols(r.cols),
        stride(r.stride) {}

  // The rows, of a type that has been looked at.
  template <class T>
  [[gnu::always_inline]] inline Rows<const T> As() const {
    return {static_cast<const T*>(data), rows, cols, stride};
  }
  // The element in a row and column.
  [[gnu::always_inline]] inline const void* At(std::size_t row,
                                               std::size_t column) const {
    return static_cast<const std::uint8_t*>(data) +
           (row * stride + column) * BytesOf(type);
  }
  [[gnu::always_inline]] inline TypedRows Slice(std::size_t first,
                                                std::size_t count) const {
    TypedRows slice = *this;
    slice.data = At(first, 0);
    slice.rows = count;
    return slice;
  }
  [[gnu::always_inline]] inline TypedRows Columns(std::size_t first,
                                                  std::size_t count) const {
    TypedRows columns = *this;
    columns.data = At(0, first);
    columns.cols = count;
    return columns;
  }
};

}  // namespace tessera::kernels

#endif  // TESSERA_KERNELS_VIEWS_H_
