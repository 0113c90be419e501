// EmbedRows once for all registers; included by ISA files only.
#ifndef TESSERA_KERNELS_EMBEDDING_EMBEDDING_IMPL_H_
#define TESSERA_KERNELS_EMBEDDING_EMBEDDING_IMPL_H_

#include "kernels/embedding/embedding.h"
#include "kernels/simd.h"

namespace tessera::kernels {
namespace {

TESSERA_INLINE const float* TableRow(const MatrixLayout& table,
                                     std::int32_t id) {
  const auto n = static_cast<std::size_t>(id);
  return table.Data<float>() + n / table.panel_columns * table.panel_stride +
         n % table.panel_columns;
}

// y := a row of a packed table. Each element lies in a cache line of its own,
// and out-of-order loads alone fetch these at 65 to 90 % of the bandwidth; rows
// in groups of 8 or prefetching the next row win 20 % at some shapes and lose
// 15 % at others (bench/kernels/embedding_bench, Zen 5).
TESSERA_INLINE void Gather(const float* row, std::size_t stride, std::size_t n,
                           float* y) {
  for (std::size_t k = 0; k < n; ++k) y[k] = row[k * stride];
}

// What is added to the scaled elements.
enum class Added { kNothing, kPosition, kPositionUnlessZero };

template <class Arch, Added kAdded>
TESSERA_INLINE F32<Arch> Plus(F32<Arch> scaled, F32<Arch> position) {
  if (kAdded == Added::kPosition) return scaled + position;
  return SelectLess(Zero<Arch>(), Abs(scaled), scaled + position, scaled);
}

// y := scale * row + position
template <class Arch, Added kAdded>
TESSERA_INLINE void ScaleAndAdd(const float* row, float scale,
                                const float* position, std::size_t n,
                                float* y) {
  const F32<Arch> s = Broadcast<Arch>(scale);
  constexpr bool kPosition = kAdded != Added::kNothing;
  ForLanes<Arch>(
      n,
      [&](std::size_t i) {
        F32<Arch> v = s * Load<Arch>(row + i);
        if (kPosition) v = Plus<Arch, kAdded>(v, Load<Arch>(position + i));
        Store<Arch>(y + i, v);
      },
      [&](std::size_t i, FirstLanes<Arch> first) {
        F32<Arch> v = s * first.Load(row + i);
        if (kPosition) v = Plus<Arch, kAdded>(v, first.Load(position + i));
        first.Store(y + i, v);
      });
}

template <class Arch>
TESSERA_INLINE void EmbedRowsImpl(const MatrixLayout& table,
                                  const EmbedInput& input, Rows<float> y) {
  for (std::size_t r = 0; r < y.rows; ++r) {
    const float* row = TableRow(table, input.ids[r]);
    if (table.panel_columns != 1) {
      Gather(row, table.panel_columns, y.cols, y[r]);
      row = y[r];
    }
    if (!input.positions.data) {
      ScaleAndAdd<Arch, Added::kNothing>(row, input.scale, nullptr, y.cols,
                                         y[r]);
      continue;
    }
    const float* const position =
        input.positions[static_cast<std::size_t>(input.position[r])];
    if (input.skip_zeros) {
      ScaleAndAdd<Arch, Added::kPositionUnlessZero>(row, input.scale, position,
                                                    y.cols, y[r]);
    } else {
      ScaleAndAdd<Arch, Added::kPosition>(row, input.scale, position, y.cols,
                                          y[r]);
    }
  }
}

}  // namespace
}  // namespace tessera::kernels

#endif  // TESSERA_KERNELS_EMBEDDING_EMBEDDING_IMPL_H_
