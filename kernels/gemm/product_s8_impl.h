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

#include <array>
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

// What a tile does to its sums while they are in registers. Other epilogues
// take whole panels of scaled and biased sums from a buffer.
enum class S8Finish { kStore, kRelu, kResidual };

TESSERA_INLINE bool HasOwnFinish(const Epilogue& epilogue) {
  const Activation act = epilogue.activation;
  return !epilogue.gate.data &&
         (act == Activation::kIdentity ||
          (act == Activation::kRelu && !epilogue.residual.data));
}

// Added to any number, 0 of either sign too, -0 leaves it as it is.
template <class Arch>
alignas(64) inline constexpr auto kNoBias = [] {
  std::array<float, kPanelColumns<Arch>> zeros = {};
  zeros.fill(-0.0f);
  return zeros;
}();

// A strip of rows by a panel.
struct S8TileArgs {
  const std::uint8_t* x;  // groups of the first row
  std::size_t x_stride;   // bytes
  const RowScale* rows;
  std::size_t groups;
  const std::int8_t* w;
  FetchPlan fetch;
  const float* scales;    // of the first column
  const float* bias;      // the same
  const float* residual;  // the same of the first row; nullptr: none
  std::size_t residual_stride;
  float* y;  // a whole panel of the first row
  std::size_t y_stride;
  bool relu;
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

  // Less what the offset of weights adds to a row.
  TESSERA_INLINE void Begin(const S8TileArgs& t) {
    for (std::size_t c = 0; c < kChains; ++c) {
      for (std::size_t r = 0; r < kRows; ++r) {
        const I32<Arch> begin =
            c == 0 && Dots::kOffset != 0
                ? BroadcastInts<Arch>(-Dots::kOffset * t.rows[r].sum)
                : ZeroInts<Arch>();
        for (I32<Arch>& sum : sums[c][r]) sum = begin;
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
  // Unrolled, or the sums go through memory; from copies of t, or each store
  // has it read again.
  template <S8Finish kFinish>
  TESSERA_INLINE void End(const S8TileArgs& t) const {
    const RowScale* const rows = t.rows;
    const float* const scales = t.scales;
    const float* const bias = t.bias;
    const float* residual = t.residual;
    const std::size_t residual_stride = t.residual_stride;
    float* y = t.y;
    const std::size_t y_stride = t.y_stride;
    Unrolled<kRows>([&](auto r) __attribute__((always_inline)) {
      const F32<Arch> scale = Broadcast<Arch>(rows[r].scale);
      Unrolled<kVectors>([&](auto v) __attribute__((always_inline)) {
        constexpr std::size_t c = v * kLanes<Arch>;
        F32<Arch> value =
            ToFloats<Arch>(Total(r, v)) * (scale * Load<Arch>(scales + c)) +
            Load<Arch>(bias + c);
        if constexpr (kFinish == S8Finish::kRelu) {
          value = Max<Arch>(Zero<Arch>(), value);
        }
        if constexpr (kFinish == S8Finish::kResidual) {
          value = value + Load<Arch>(residual + c);
        }
        Store<Arch>(y + c, value);
      });
      y += y_stride;
      if constexpr (kFinish == S8Finish::kResidual) residual += residual_stride;
    });
  }
};

template <class Dots, std::size_t kRows, bool kShared>
void S8Tile(const S8TileArgs& t) {
  using Tile = S8TileSums<Dots, kRows, kShared>;
  Tile tile;
  tile.Begin(t);
  std::size_t group = 0;
  for (; group + Tile::kChains <= t.groups; group += Tile::kChains) {
    for (std::size_t c = 0; c < Tile::kChains; ++c) tile.Step(t, group + c, c);
  }
  if constexpr (Tile::kChains > 1) {
    for (; group < t.groups; ++group) tile.Step(t, group, 0);
  }
  if (t.residual) return tile.template End<S8Finish::kResidual>(t);
  if (t.relu) return tile.template End<S8Finish::kRelu>(t);
  tile.template End<S8Finish::kStore>(t);
}

template <class Dots>
TESSERA_INLINE void RunS8Tile(std::size_t rows, const S8TileArgs& tile) {
  DispatchRows<kStripRows>(rows, [&]<std::size_t kRows>() {
    if constexpr (kRows >= kLeastShared) {
      if (tile.fetch.shared) return S8Tile<Dots, kRows, true>(tile);
    }
    S8Tile<Dots, kRows, false>(tile);
  });
}

// Tiles that end otherwise, or inside their panel.
template <class Dots>
void S8TileByBuffer(S8TileArgs tile, const Epilogue& epilogue, Rows<float> y) {
  using Arch = typename Dots::Arch;
  alignas(64) float buffer[kStripRows * kPanelColumns<Arch>];
  tile.y = buffer;
  tile.y_stride = kPanelColumns<Arch>;
  RunS8Tile<Dots>(y.rows, tile);
  const Rows<float> sums = {buffer, y.rows, y.cols, kPanelColumns<Arch>};
  ActivateImpl<Arch>(epilogue.activation, sums);
  Combine<Arch>(sums, epilogue, y);
}

// Rows that stay in the cache, by all columns.
template <class Dots>
void S8Block(const ProductArgs& args) {
  using Arch = typename Dots::Arch;
  constexpr std::size_t kWidth = kPanelColumns<Arch>;
  const std::size_t rows = args.y.rows;
  const std::size_t strips = (rows + kStripRows - 1) / kStripRows;
  const std::size_t groups = (args.x.cols + Dots::kInner - 1) / Dots::kInner;
  const PanelBytes bytes = {.group = args.w.panel_stride,
                            .panel = groups * kWidth * Dots::kInner,
                            .step = kWidth * Dots::kInner,
                            .soon = kFetchAheadBytes};
  const Epilogue& epilogue = args.epilogue;
  const bool own_finish = HasOwnFinish(epilogue);
  const bool relu = epilogue.activation == Activation::kRelu;
  const std::size_t x_stride = args.x.stride * BytesOf(args.x.type);
  for (std::size_t c = 0; c < args.y.cols; c += kWidth) {
    const bool direct = own_finish && c + kWidth <= args.y.cols;
    std::size_t first = 0;
    for (std::size_t s = 0; s < strips; ++s) {  // balanced: 7 rows are 3 + 4
      const std::size_t count = rows / strips + (s < rows % strips ? 1 : 0);
      S8TileArgs tile = {
          .x = static_cast<const std::uint8_t*>(args.x.data) + first * x_stride,
          .x_stride = x_stride,
          .rows = args.x_scales + first,
          .groups = groups,
          .w = args.w.Data<std::int8_t>() + c / kWidth * args.w.panel_stride,
          .fetch = FetchOf({.index = s, .count = strips}, bytes),
          .scales = args.w.scales + c,
          .bias = epilogue.bias ? epilogue.bias + c : kNoBias<Arch>.data(),
          .residual = nullptr,
          .residual_stride = epilogue.residual.stride,
          .y = args.y[first] + c,
          .y_stride = args.y.stride,
          .relu = relu && direct};
      if (direct) {
        if (epilogue.residual.data)
          tile.residual = epilogue.residual[first] + c;
        RunS8Tile<Dots>(count, tile);
      } else {
        const std::size_t left = args.y.cols - c;
        const ProductArgs part =
            args.Columns(c, left < kWidth ? left : kWidth).Slice(first, count);
        S8TileByBuffer<Dots>(tile, part.epilogue, part.y);
      }
      first += count;
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
