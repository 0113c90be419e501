// EmbedRows once for all registers; included by ISA files only.
#ifndef TESSERA_KERNELS_EMBEDDING_EMBEDDING_IMPL_H_
#define TESSERA_KERNELS_EMBEDDING_EMBEDDING_IMPL_H_

#include "kernels/embedding/embedding.h"
#include "kernels/simd.h"

namespace tessera::kernels {
namespace {

// The first element of a row.
template <class T>
TESSERA_INLINE const T* TableRow(const MatrixLayout& table, std::size_t n) {
  return table.Data<T>() + n / table.panel_columns * table.panel_stride +
         n % table.panel_columns * table.inner;
}

// y := a row of a packed table. Each element lies in a cache line of its own,
// and out-of-order loads alone fetch these at 65 to 90 % of the bandwidth; rows
// in groups of 8 or prefetching the next row win 20 % at some shapes and lose
// 15 % at others (bench/kernels/embedding_bench, Zen 5).
TESSERA_INLINE void Gather(const float* row, std::size_t stride, std::size_t n,
                           float* y) {
  for (std::size_t k = 0; k < n; ++k) y[k] = row[k * stride];
}

// The same of a table of small types, whose groups of `inner` inputs stand
// together; widen(element) is its number.
template <class T, class Widen>
TESSERA_INLINE void GatherGroups(const MatrixLayout& table, std::size_t id,
                                 std::size_t n, float* y, Widen&& widen) {
  const T* group = TableRow<T>(table, id);
  for (std::size_t k = 0; k < n;) {
    for (std::size_t i = 0; i < table.inner && k < n; ++i, ++k) {
      y[k] = widen(group[i]);
    }
    group += table.panel_columns * table.inner;
  }
}

// y := scale * row + position, an element that is 0 staying so if it shall.
template <class Arch, bool kPosition, bool kSkipZeros = false>
TESSERA_INLINE void ScaleAndAdd(const float* row, float scale,
                                const float* position, std::size_t n,
                                float* y) {
  const F32<Arch> s = Broadcast<Arch>(scale);
  MapLanes<Arch>(n, [&](std::size_t i, auto lanes) {
    const F32<Arch> v = s * lanes.Load(row + i);
    if (!kPosition) return lanes.Store(y + i, v);
    const F32<Arch> sum = v + lanes.Load(position + i);
    lanes.Store(y + i,
                kSkipZeros ? SelectLess(Zero<Arch>(), Abs(v), sum, v) : sum);
  });
}

template <class Arch>
TESSERA_INLINE void EmbedRowsImpl(const MatrixLayout& table,
                                  const EmbedInput& input, Rows<float> y) {
  for (std::size_t r = 0; r < y.rows; ++r) {
    const auto id = static_cast<std::size_t>(input.ids[r]);
    const float* row = y[r];
    if (table.type == ElementType::kS8) {
      const float scale = table.scales[id];
      GatherGroups<std::int8_t>(table, id, y.cols, y[r], [&](std::int8_t x) {
        return static_cast<float>(x) * scale;
      });
    } else if (table.type == ElementType::kBf16) {
      GatherGroups<Bf16>(table, id, y.cols, y[r],
                         [](Bf16 x) { return ToFloat(x); });
    } else {
      row = TableRow<float>(table, id);
      if (table.panel_columns != 1) {
        Gather(row, table.panel_columns, y.cols, y[r]);
        row = y[r];
      }
    }
    if (!input.positions.data) {
      ScaleAndAdd<Arch, false>(row, input.scale, nullptr, y.cols, y[r]);
      continue;
    }
    const float* const position =
        input.positions[static_cast<std::size_t>(input.position[r])];
    if (input.skip_zeros) {
      ScaleAndAdd<Arch, true, true>(row, input.scale, position, y.cols, y[r]);
    } else {
      ScaleAndAdd<Arch, true>(row, input.scale, position, y.cols, y[r]);
    }
  }
}

}  // namespace
}  // namespace tessera::kernels

#endif  // TESSERA_KERNELS_EMBEDDING_EMBEDDING_IMPL_H_
