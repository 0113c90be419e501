// Views of row-major matrices: what kernels take instead of owning memory.
#ifndef TESSERA_KERNELS_VIEWS_H_
#define TESSERA_KERNELS_VIEWS_H_

#include <cstddef>
#include <cstdint>

#include "kernels/bf16.h"

namespace tessera::kernels {

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
