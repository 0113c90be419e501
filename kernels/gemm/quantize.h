// Rows rounded to small types: integers of 8 bits, each with a scale of its
// own, or bf16.
#ifndef TESSERA_KERNELS_GEMM_QUANTIZE_H_
#define TESSERA_KERNELS_GEMM_QUANTIZE_H_

#include <cstddef>
#include <cstdint>
#include <span>

#include "kernels/dispatch.h"
#include "kernels/views.h"

namespace tessera::kernels {

// What belongs to a row q of integers.
struct RowScale {
  float scale;       // x[k] is about scale * q[k]
  std::int32_t sum;  // of all q[k]
};

// Where integers go, [rows, cols] with a stride in elements.
struct QuantizedRows {
  ElementType type = ElementType::kS8;  // kS16 with the same values; kBf16
  void* data = nullptr;
  std::size_t rows = 0;
  std::size_t cols = 0;
  std::size_t stride = 0;
  RowScale* scales = nullptr;  // [rows]

  // Rows [first, first + count).
  QuantizedRows Slice(std::size_t first, std::size_t count) const {
    QuantizedRows part = *this;
    part.data = static_cast<char*>(data) + first * stride * BytesOf(type);
    part.rows = count;
    part.scales += first;
    return part;
  }
  // To be read.
  TypedRows view() const {
    TypedRows view;
    view.type = type;
    view.data = data;
    view.rows = rows;
    view.cols = cols;
    view.stride = stride;
    return view;
  }
};

inline constexpr float kMostQuantized = 127.0f;
// Rows whose largest element is below become zeros: 127 / x may overflow.
inline constexpr float kLeastQuantized = 0x1p-100f;

//   scale[r] = max_k |x[r][k]| / 127
//   q[r][k]  = x[r][k] * (127 / max_k |x[r][k]|), rounded to nearest, ties to
//              even: in [-127, 127]
//
//   x  f32 [rows, cols], stride in elements.
//   q  as said; elements from cols up to the stride become zeros.
//
//   Of bf16 each element is rounded to nearest, ties to even; the scale is 1,
//   the sum 0.
//
// Requires: q.rows == x.rows, q.cols == x.cols.
// Edge: a row with a NaN or an infinity gets zeros and the scale NaN;
//   in bf16 they pass through.
// Error: |x - scale q| <= scale / 2 and rounding. All ISAs give the same bits.
// Cost: two reads of x (the second from L1), one write. One thread, no
//   allocation.
// Source: absolute-maximum scaling by row, as Wu et al. 2020 (arXiv 2004.09602)
//   compare it with others.
using QuantizeRowsFn = void(Rows<const float> x,
                            const QuantizedRows& q) noexcept;
std::span<const Implementation<QuantizeRowsFn>> QuantizeRowsKernels();

void QuantizeRows(Rows<const float> x, const QuantizedRows& q) noexcept;

}  // namespace tessera::kernels

#endif  // TESSERA_KERNELS_GEMM_QUANTIZE_H_
