// A strip of products with sums of f32: the tiles of its rows by a group of
// panels, each with what the epilogue does to its sums.
#ifndef TESSERA_KERNELS_GEMM_PRODUCT_FLOAT_STRIP_IMPL_H_
#define TESSERA_KERNELS_GEMM_PRODUCT_FLOAT_STRIP_IMPL_H_

#include "kernels/gemm/product_float_tile_impl.h"

namespace tessera::kernels {
namespace {

// Words of a column that the halves of a tall strip take in turn: 16 KiB.
inline constexpr std::size_t kTallInputs = 64;

// A tile whose epilogue has operands, which may lie in y: sums go elsewhere
// first.
template <class Words>
[[gnu::noinline]] void CombinedTile(TileArgs tile, std::size_t vectors,
                                    const Epilogue& epilogue) {
  using Arch = typename Words::Arch;
  alignas(64) float buffer[kTallRows<Arch> * kPanelColumns<Arch>];
  const Rows<float> y = tile.y;
  tile.y = Dense(buffer, y.rows, y.cols);
  RunTile<Words>(tile, vectors);
  ActivateImpl<Arch>(epilogue.activation, tile.y);
  Combine<Arch>(tile.y, epilogue, y);
}

// Which rows and columns of a block a strip is, and which pass its first one.
struct StripPlace {
  std::size_t row;
  std::size_t column;
  Pass pass;
};

// One strip by a group of panels, as many columns at once as a tile takes. The
// epilogue is that of the block. Tiles are not told the epilogue: copied
// for each, it cost up to 20 % at M = 32 (AVX2).
template <class Words>
void Strip(const TileArgs& strip, const Epilogue& epilogue, StripPlace place,
           PanelBytes bytes) {
  using Arch = typename Words::Arch;
  const std::size_t columns = strip.y.cols;
  const std::size_t most = VectorsOfTile<Arch>(strip.y.rows);
  for (std::size_t c = 0; c < columns;) {
    std::size_t vectors = most;
    while (vectors > kPanelVectors<Arch> &&
           c + (vectors - kPanelVectors<Arch>)*kLanes<Arch> >= columns) {
      vectors /= 2;
    }
    const std::size_t width = vectors * kLanes<Arch>;
    TileArgs tile = strip;
    tile.w +=
        c / kPanelColumns<Arch> * strip.panel_stride + c % kPanelColumns<Arch>;
    if (tile.bias) tile.bias += c;
    tile.y = strip.y.Columns(c, columns - c < width ? columns - c : width);
    tile.fetch = FetchOf(place.pass, bytes);
    if (epilogue.HasOperands()) {
      CombinedTile<Words>(tile, vectors,
                          epilogue.Slice(place.row, tile.y.rows)
                              .Columns(place.column + c, tile.y.cols));
    } else {
      RunTile<Words>(tile, vectors);
      ActivateImpl<Arch>(epilogue.activation, tile.y);
    }
    c += width;
    if (place.pass.halves) ++place.pass.index;
  }
}

// A tall strip by one panel, whose halves take turns at parts of it that stay
// in L1: so weights come in one stream. Sums pass through y between parts,
// which those of a product with operands do not: there the second half takes
// the panel behind the first. On Zen 5, AVX-512, M = 8 by N = 32,000 and
// 58,101, percent of the bandwidth of reads, that way and this: f32 80 and 97,
// 84 and 94, bf16 67 and 73, 72 and 92. By 512 to 2,048, where FMAs are the
// limit, 2 % less (K = 2,048) to 9 % more flops a second.
template <class Words>
void TallStrip(const TileArgs& strip, const Epilogue& epilogue,
               StripPlace place, PanelBytes bytes) {
  constexpr std::size_t kParts = Words::kParts;
  constexpr std::size_t kMost = kTallInputs * kParts;
  const std::size_t inputs = strip.x.cols;
  std::size_t begin = 0;
  do {
    const bool last = inputs - begin <= kMost;
    TileArgs part = strip;
    part.x = strip.x.Columns(begin, last ? inputs - begin : kMost);
    part.w += begin / kParts * kPanelColumns<typename Words::Arch>;
    part.first_chunk = strip.first_chunk && begin == 0;
    if (!last) part.bias = nullptr;
    Strip<Words>(part, last ? epilogue : Epilogue{}, place, bytes);
    begin += kMost;
  } while (begin < inputs);
}

}  // namespace
}  // namespace tessera::kernels

#endif  // TESSERA_KERNELS_GEMM_PRODUCT_FLOAT_STRIP_IMPL_H_
