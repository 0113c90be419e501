// The register tile of products, whatever their numbers are; included by ISA
// files only.
#ifndef TESSERA_KERNELS_GEMM_PRODUCT_TILE_IMPL_H_
#define TESSERA_KERNELS_GEMM_PRODUCT_TILE_IMPL_H_

#include "kernels/activation/activation_impl.h"
#include "kernels/gemm/product.h"
#include "kernels/simd.h"

namespace tessera::kernels {
namespace {

// Rows of a tile. 6 x 4 zmm or 6 x 2 ymm of sums fill the register file.
inline constexpr std::size_t kStripRows = 6;

template <class Arch>
inline constexpr std::size_t kPanelColumns = kLanes<Arch> == 16 ? 64 : 16;
template <class Arch>
inline constexpr std::size_t kPanelVectors = kPanelColumns<Arch> / kLanes<Arch>;

// Panels that a tile takes side by side: few rows need more columns for 8
// independent chains (FMA latency 4 on 2 ports).
template <class Arch>
TESSERA_INLINE constexpr std::size_t PanelsOfTile(std::size_t rows) {
  if (kLanes<Arch> == 16) return rows == 1 ? 2 : 1;
  return rows == 1 ? 4 : rows <= 3 ? 2 : 1;
}

// A register of a row at columns [c, c + kLanes), of which some may not exist.
template <class Arch>
TESSERA_INLINE F32<Arch> LoadWithin(const float* row, std::size_t c,
                                    std::size_t columns) {
  if (c + kLanes<Arch> <= columns) return Load<Arch>(row + c);
  if (c >= columns) return Zero<Arch>();
  return FirstLanes<Arch>(columns - c).Load(row + c);
}
template <class Arch>
TESSERA_INLINE void StoreWithin(float* row, std::size_t c, std::size_t columns,
                                F32<Arch> value) {
  if (c + kLanes<Arch> <= columns) return Store<Arch>(row + c, value);
  if (c < columns) FirstLanes<Arch>(columns - c).Store(row + c, value);
}

// y = sums * gate + residual, of which y may be one.
template <class Arch>
[[gnu::flatten]] void Combine(Rows<const float> sums, const Epilogue& epilogue,
                              Rows<float> y) {
  for (std::size_t r = 0; r < y.rows; ++r) {
    MapLanes<Arch>(y.cols, [&](std::size_t i, auto lanes) {
      F32<Arch> value = lanes.Load(sums[r] + i);
      if (epilogue.gate.data) {
        value = value * lanes.Load(epilogue.gate[r] + i);
      }
      if (epilogue.residual.data) {
        value = value + lanes.Load(epilogue.residual[r] + i);
      }
      lanes.Store(y[r] + i, value);
    });
  }
}

}  // namespace
}  // namespace tessera::kernels

#endif  // TESSERA_KERNELS_GEMM_PRODUCT_TILE_IMPL_H_
