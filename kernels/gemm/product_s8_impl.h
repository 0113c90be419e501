// The body of products with weights of 8 bits, once for every way to multiply
// and add groups of small integers.
//
// Sums are integers and therefore exact: what order they come in does not
// matter, and all ISAs give the same ones. A group is as many inputs as fill 32
// bits of x, which a step broadcasts to the columns of a panel:
//
//   for blocks of rows            x's part stays in L2 for all panels
//     for panels                  weights are read once a block
//       for strips of <= 6 rows
//
// Dots is one of dots_impl.h.
#ifndef TESSERA_KERNELS_GEMM_PRODUCT_S8_IMPL_H_
#define TESSERA_KERNELS_GEMM_PRODUCT_S8_IMPL_H_

#include <cstring>

#include "kernels/gemm/dots_impl.h"
#include "kernels/gemm/product_tile_impl.h"
#include "kernels/simd_ints.h"

namespace tessera::kernels {
namespace {

// Bytes of x that a block of rows holds.
inline constexpr std::size_t kBlockBytes = std::size_t{256} << 10;
// How far ahead one or two strips fetch weights: 8 KiB were 4 to 10 %
// slower from memory, and equal from L3.
inline constexpr std::size_t kFetchAheadBytes = 16384;

// Sums that a tile keeps of every output, each of its own groups, so that few
// rows have 8 independent chains (latency 4 on 2 ports).
template <class Arch>
TESSERA_INLINE constexpr std::size_t ChainsOfTile(std::size_t rows) {
  if (kLanes<Arch> == 16) return rows == 1 ? 2 : 1;
  return rows == 1 ? 4 : rows <= 3 ? 2 : 1;
}

// Of strips that share a panel: 7 rows are 3 + 4.
inline constexpr std::size_t kLeastShared = (kStripRows + 1) / 2;

// A strip of rows by a panel.
struct S8TileArgs {
  const std::uint8_t* x;  // groups of the first row
  std::size_t x_stride;   // bytes
  const RowScale* rows;
  std::size_t groups;
  const std::int8_t* w;
  FetchPlan fetch;
  const float* scales;  // of the first column
  const float* bias;    // the same; nullptr: none
  Rows<float> y;        // columns may end inside the panel
};

template <class Dots, std::size_t kRows, bool kShared>
struct S8TileSums {
  using Arch = typename Dots::Arch;
  static constexpr std::size_t kChains = ChainsOfTile<Arch>(kRows);
  static constexpr std::size_t kVectors = kPanelVectors<Arch>;
  // Bytes of weights that a step takes of a register of columns, and a panel.
  static constexpr std::size_t kVectorBytes = kLanes<Arch> * Dots::kInner;
  static constexpr std::size_t kGroupBytes = kVectors * kVectorBytes;

  I32<Arch> sums[kChains][kRows][kVectors];

  TESSERA_INLINE void Begin() {
    for (auto& chain : sums) {
      for (auto& row : chain) {
        for (I32<Arch>& sum : row) sum = ZeroInts<Arch>();
      }
    }
  }
  TESSERA_INLINE void Step(const S8TileArgs& t, std::size_t group,
                           std::size_t chain) {
    const std::int8_t* const w = t.w + group * kGroupBytes;
    I32<Arch> weights[kVectors];
    for (std::size_t v = 0; v < kVectors; ++v) {
      weights[v] = Dots::Load(w + v * kVectorBytes);
    }
    FetchLines<kShared>(t.w + t.fetch.offset + group * t.fetch.advance,
                        kGroupBytes);
    for (std::size_t r = 0; r < kRows; ++r) {
      std::int32_t word;
      std::memcpy(&word, t.x + r * t.x_stride + group * sizeof(word),
                  sizeof(word));
      const I32<Arch> x = BroadcastInts<Arch>(word);
      for (std::size_t v = 0; v < kVectors; ++v) {
        sums[chain][r][v] = Dots::Dot(sums[chain][r][v], weights[v], x);
      }
    }
  }
  TESSERA_INLINE I32<Arch> Total(std::size_t r, std::size_t v) const {
    I32<Arch> total = sums[0][r][v];
    for (std::size_t c = 1; c < kChains; ++c) {
      total = AddInts(total, sums[c][r][v]);
    }
    return total;
  }
  TESSERA_INLINE void End(const S8TileArgs& t) const {
    for (std::size_t r = 0; r < kRows; ++r) {
      const I32<Arch> offset =
          BroadcastInts<Arch>(Dots::kOffset * t.rows[r].sum);
      const F32<Arch> scale = Broadcast<Arch>(t.rows[r].scale);
      for (std::size_t v = 0; v < kVectors; ++v) {
        const std::size_t c = v * kLanes<Arch>;
        F32<Arch> value = ToFloats<Arch>(SubtractInts(Total(r, v), offset)) *
                          (scale * Load<Arch>(t.scales + c));
        if (t.bias) value = value + Load<Arch>(t.bias + c);
        StoreWithin<Arch>(t.y[r], c, t.y.cols, value);
      }
    }
  }
};

template <class Dots, std::size_t kRows, bool kShared>
void S8Tile(const S8TileArgs& t) {
  using Tile = S8TileSums<Dots, kRows, kShared>;
  Tile tile;
  tile.Begin();
  std::size_t group = 0;
  for (; group + Tile::kChains <= t.groups; group += Tile::kChains) {
    for (std::size_t c = 0; c < Tile::kChains; ++c) tile.Step(t, group + c, c);
  }
  if constexpr (Tile::kChains > 1) {
    for (; group < t.groups; ++group) tile.Step(t, group, 0);
  }
  tile.End(t);
}

// One tile with what is done to its sums. Operands of the epilogue may lie in
// y: then sums go elsewhere first.
template <class Dots>
void FinishedS8Tile(S8TileArgs tile, const Epilogue& epilogue) {
  using Arch = typename Dots::Arch;
  const Rows<float> y = tile.y;
  alignas(64) float buffer[kStripRows * kPanelColumns<Arch>];
  if (epilogue.HasOperands()) tile.y = Dense(buffer, y.rows, y.cols);
  DispatchRows<kStripRows>(y.rows, [&]<std::size_t kRows>() {
    if constexpr (kRows >= kLeastShared) {
      if (tile.fetch.shared) return S8Tile<Dots, kRows, true>(tile);
    }
    S8Tile<Dots, kRows, false>(tile);
  });
  ActivateImpl<Arch>(epilogue.activation, tile.y);
  if (epilogue.HasOperands()) Combine<Arch>(tile.y, epilogue, y);
}

// Rows that stay in the cache, by all columns.
template <class Dots>
void S8Block(const ProductArgs& args) {
  using Arch = typename Dots::Arch;
  const std::size_t rows = args.y.rows;
  const std::size_t strips = (rows + kStripRows - 1) / kStripRows;
  const std::size_t groups = (args.x.cols + Dots::kInner - 1) / Dots::kInner;
  constexpr std::size_t kWidth = kPanelColumns<Arch>;
  const PanelBytes bytes = {.group = args.w.panel_stride,
                            .panel = groups * kWidth * Dots::kInner,
                            .step = kWidth * Dots::kInner,
                            .soon = kFetchAheadBytes};
  for (std::size_t c = 0; c < args.y.cols; c += kWidth) {
    const std::size_t left = args.y.cols - c;
    const ProductArgs part = args.Columns(c, left < kWidth ? left : kWidth);
    for (std::size_t s = 0; s < strips; ++s) {  // balanced: 7 rows are 3 + 4
      const std::size_t first = rows * s / strips;
      const ProductArgs strip =
          part.Slice(first, rows * (s + 1) / strips - first);
      FinishedS8Tile<Dots>(
          {.x = static_cast<const std::uint8_t*>(strip.x.data),
           .x_stride = strip.x.stride * BytesOf(strip.x.type),
           .rows = strip.x_scales,
           .groups = groups,
           .w = strip.w.Data<std::int8_t>(),
           .fetch = FetchOf({.index = s, .count = strips}, bytes),
           .scales = strip.w.scales,
           .bias = strip.epilogue.bias,
           .y = strip.y},
          strip.epilogue);
    }
  }
}

template <class Dots>
TESSERA_INLINE void PackedProductS8Impl(const ProductArgs& args) {
  const std::size_t blocks =
      PartsOf(args.x.rows * args.x.stride * BytesOf(args.x.type), kBlockBytes);
  for (std::size_t block = 0; block < blocks; ++block) {
    const std::size_t m = args.y.rows * block / blocks;
    const std::size_t rows = args.y.rows * (block + 1) / blocks - m;
    if (rows > 0) S8Block<Dots>(args.Slice(m, rows));
  }
}

}  // namespace
}  // namespace tessera::kernels

#endif  // TESSERA_KERNELS_GEMM_PRODUCT_S8_IMPL_H_
