// The register tile of products, whatever their numbers are; included by ISA
// files only.
#ifndef TESSERA_KERNELS_GEMM_PRODUCT_TILE_IMPL_H_
#define TESSERA_KERNELS_GEMM_PRODUCT_TILE_IMPL_H_

#include <type_traits>
#include <utility>

#include "kernels/activation/activation_impl.h"
#include "kernels/gemm/product.h"
#include "kernels/simd.h"

namespace tessera::kernels {
namespace {

// Rows of a strip. 6 x 4 zmm or 6 x 2 ymm of sums fill the register file.
inline constexpr std::size_t kStripRows = 6;
// So do 12 x 2 zmm, by half a panel: 7 to 12 rows of products of floats are one
// tall strip, which takes its panel from memory once. Two strips took it from
// L2 again, while memory stood idle. 12 x 1 ymm would be bound by loads.
template <class Arch>
inline constexpr std::size_t kTallRows = kLanes<Arch> == 16 ? 12 : kStripRows;

template <class Arch>
inline constexpr std::size_t kPanelColumns = kLanes<Arch> == 16 ? 64 : 16;
template <class Arch>
inline constexpr std::size_t kPanelVectors = kPanelColumns<Arch> / kLanes<Arch>;

// Registers of columns that a tile takes at most: few rows need more for 8
// independent chains (FMA latency 4 on 2 ports).
template <class Arch>
TESSERA_INLINE constexpr std::size_t VectorsOfTile(std::size_t rows) {
  if (kLanes<Arch> == 16) return rows == 1 ? 8 : rows <= kStripRows ? 4 : 2;
  return rows == 1 ? 8 : rows <= 3 ? 4 : 2;
}

// Strips that rows are cut into.
template <class Arch>
TESSERA_INLINE constexpr std::size_t StripsOf(std::size_t rows) {
  return rows <= kTallRows<Arch> ? 1 : (rows + kStripRows - 1) / kStripRows;
}

// body(i) for all i < kCount, each a constant: what is indexed by them stays in
// registers, which GCC 12 does not find out by itself for 12 rows.
template <std::size_t kCount, class Body>
TESSERA_INLINE void Unrolled(Body&& body) {
  [&]<std::size_t... kEach>(std::index_sequence<kEach...>)
      __attribute__((always_inline)) {
    (body(std::integral_constant<std::size_t, kEach>()), ...);
  }
  (std::make_index_sequence<kCount>());
}

// Calls fn.template operator()<rows>() of a strip, short ones by few branches.
template <class Arch, class Fn>
TESSERA_INLINE void DispatchStrip(std::size_t rows, Fn&& fn) {
  if constexpr (kTallRows < Arch >> kStripRows) {
    if (rows > kStripRows) {
      return DispatchRows<kTallRows<Arch> - kStripRows>(
          rows - kStripRows, [&]<std::size_t kMore>() {
            fn.template operator()<kStripRows + kMore>();
          });
    }
  }
  DispatchRows<kStripRows>(rows, fn);
}

// Where the rows of a strip go on in x, a pointer for 3 of them: 12 would not
// fit the registers.
template <class T, std::size_t kRows>
struct RowsOfStrip {
  static constexpr std::size_t kPointers = (kRows + 2) / 3;

  const T* at[kPointers];
  std::size_t stride;

  TESSERA_INLINE RowsOfStrip(const T* first, std::size_t row_stride)
      : stride(row_stride) {
    Unrolled<kPointers>([&](auto i) __attribute__((always_inline)) {
      at[i] = first + 3 * i * stride;
    });
  }
  TESSERA_INLINE const T* operator[](std::size_t r) const {
    return at[r / 3] + r % 3 * stride;
  }
  // By asm, or compilers count one number up and keep a pointer for each row.
  TESSERA_INLINE void Advance(std::size_t n) {
    Unrolled<kPointers>([&](auto i) __attribute__((always_inline)) {
      at[i] += n;
      __asm__("" : "+r"(at[i]));
    });
  }
};

// Into how many parts of at most so many n is cut; 1 at least.
TESSERA_INLINE constexpr std::size_t PartsOf(std::size_t n, std::size_t most) {
  return n <= most ? 1 : (n + most - 1) / most;
}

// What a tile fetches of weights while it computes: at step k the lines at
// `offset + k * advance` bytes behind its own. A strip that takes whole panels
// fetches what it needs soon, into L1. Several passes over a panel, by strips
// or by the halves of a tall one, share the panels after theirs, into L2, a
// part each: what the first of them waited for the others found in the cache,
// while memory stood idle. On Zen 5, by vocabularies of 32,000 and 58,101 at K
// = 512, percent of the peak:
//
//              f32, AVX-512   f32, AVX2   int8, AVX-512 VNNI
//   M = 8       48 -> 63 *     63 -> 84        54 -> 61
//   M = 32      72 -> 87       83 -> 90        75 -> 80
//   M = 128     78 -> 89       90 -> 94        85 -> 88
//
// * of products with operands; the others do as TallStrip does.
struct FetchPlan {
  std::size_t offset = 0;
  std::size_t advance = 0;
  bool shared = false;
};
// Two strips share panels that stay in L1 for the second. Larger ones (f32,
// AVX-512, 128 KiB) reach the first strip too late from L2: 5 % slower.
inline constexpr std::size_t kMostBytesOfTwo = std::size_t{32} << 10;
// The halves of a tall strip share panels of which two stay in L2: 512 KiB of
// f32 made it 15 % slower where L2 has 1 MiB.
inline constexpr std::size_t kMostBytesOfHalves = std::size_t{256} << 10;

// Panels in bytes, of all inputs that a tile takes.
struct PanelBytes {
  std::size_t group;  // of a tile: how far it is to the next
  std::size_t panel;
  std::size_t step;
  std::size_t soon;  // how far ahead weights are fetched that are needed soon
};

// A pass over a group of panels; the halves of a tall strip are two.
struct Pass {
  std::size_t index;
  std::size_t count;
  bool halves = false;
};
TESSERA_INLINE FetchPlan FetchOf(Pass pass, PanelBytes bytes) {
  const std::size_t most = pass.halves ? kMostBytesOfHalves : kMostBytesOfTwo;
  if (pass.count == 1 || (pass.count == 2 && bytes.panel > most)) {
    return {bytes.soon, bytes.step, false};
  }
  return {bytes.group + bytes.panel / pass.count * pass.index,
          bytes.step / pass.count, true};
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
