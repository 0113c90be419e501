// Where the elements of a weight matrix lie in memory.
#ifndef TESSERA_KERNELS_GEMM_MATRIX_LAYOUT_H_
#define TESSERA_KERNELS_GEMM_MATRIX_LAYOUT_H_

#include <cstddef>
#include <string_view>

#include "kernels/views.h"

namespace tessera::kernels {

// Those that weights can have.
inline constexpr ElementType kWeightTypes[] = {
    ElementType::kF32, ElementType::kBf16, ElementType::kS8};

// "f32", "bf16", "int8": as people call products of these.
std::string_view Name(ElementType type) noexcept;

// A view of W [N outputs, K inputs], or of a table of N rows. Outputs lie in
// panels of neighbouring columns, in which groups of `inner` inputs of a column
// stand together (for dot products of small types) and the columns' groups side
// by side. Element k of output n is
//
//   data[n / panel_columns * panel_stride +
//        k / inner * panel_columns * inner +
//        n % panel_columns * inner + k % inner]
//
// Plain rows are panels of one column. Members are forced inline, as in
// kernels/views.h.
struct MatrixLayout {
  const void* data = nullptr;
  // What the elements of an output count, f32 [N rounded up to panels];
  // nullptr: 1.
  const float* scales = nullptr;
  std::size_t outputs = 0;        // N
  std::size_t inputs = 0;         // K
  std::size_t panel_stride = 0;   // elements
  std::size_t panel_columns = 1;  // columns behind N in the last one are zero
  std::size_t inner = 1;
  ElementType type = ElementType::kF32;

  // The elements, of the type that T names.
  template <class T>
  [[gnu::always_inline]] inline const T* Data() const {
    return static_cast<const T*>(data);
  }

  // Outputs [first, first + count); first is a multiple of panel_columns.
  [[gnu::always_inline]] inline MatrixLayout Outputs(std::size_t first,
                                                     std::size_t count) const {
    MatrixLayout part = *this;
    part.data =
        Data<char>() + first / panel_columns * panel_stride * BytesOf(type);
    if (scales) part.scales += first;
    part.outputs = count;
    return part;
  }
};

// f32 [rows, cols], one row after another.
[[gnu::always_inline]] inline MatrixLayout PlainRows(const float* data,
                                                     std::size_t rows,
                                                     std::size_t cols) {
  return {.data = data, .outputs = rows, .inputs = cols, .panel_stride = cols};
}

}  // namespace tessera::kernels

#endif  // TESSERA_KERNELS_GEMM_MATRIX_LAYOUT_H_
