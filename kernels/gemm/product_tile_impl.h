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

// Into how many parts of at most so many n is cut; 1 at least.
TESSERA_INLINE constexpr std::size_t PartsOf(std::size_t n, std::size_t most) {
  return n <= most ? 1 : (n + most - 1) / most;
}

// What a strip fetches of weights while it computes: at step k, of every panel
// of its tiles, the lines of a step at `offset + k * advance` bytes behind the
// panel's begin. A strip alone fetches what it needs soon, into L1. Several
// share the panels after theirs, a part each, into L2: what the first of them
// waited for the others found in the cache, while memory stood idle. On Zen 5,
// by vocabularies of 32,000 and 58,101 at K = 512, percent of the peak:
//
//              f32, AVX-512   f32, AVX2   int8, AVX-512 VNNI
//   M = 8           -          63 -> 84        54 -> 61
//   M = 32      72 -> 87       83 -> 90        75 -> 80
//   M = 128     78 -> 89       90 -> 94        85 -> 88
struct FetchPlan {
  std::size_t offset = 0;
  std::size_t advance = 0;
  bool shared = false;
};
// Of strips that share: 7 rows are 3 + 4.
inline constexpr std::size_t kLeastSharedRows = (kStripRows + 1) / 2;
// Two strips share panels that stay in L1 for the second. Larger ones (f32,
// AVX-512, 128 KiB) reach the first strip too late from L2: 5 % slower.
inline constexpr std::size_t kMostBytesOfTwo = std::size_t{32} << 10;

// Panels in bytes, of all inputs that a tile takes.
struct PanelBytes {
  std::size_t group;  // of a tile: how far it is to the next
  std::size_t panel;
  std::size_t step;
};
// For strip s of so many; `near` bytes are soon.
TESSERA_INLINE FetchPlan FetchOf(std::size_t s, std::size_t strips,
                                 PanelBytes bytes, std::size_t near) {
  if (strips == 1 || (strips == 2 && bytes.panel > kMostBytesOfTwo)) {
    return {near, bytes.step, false};
  }
  return {bytes.group + bytes.panel * s / strips, bytes.step / strips, true};
}

// The lines of a step.
template <bool kShared>
TESSERA_INLINE void FetchLines(const void* begin, std::size_t bytes) {
  constexpr std::size_t kLine = 64;
  for (std::size_t b = 0; b < bytes; b += kLine) {
    __builtin_prefetch(static_cast<const char*>(begin) + b, 0, kShared ? 2 : 3);
  }
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
