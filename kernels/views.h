// Views of row-major matrices: what kernels take instead of owning memory.
#ifndef TESSERA_KERNELS_VIEWS_H_
#define TESSERA_KERNELS_VIEWS_H_

#include <cstddef>

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

}  // namespace tessera::kernels

#endif  // TESSERA_KERNELS_VIEWS_H_
