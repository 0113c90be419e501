// The order in which products with sums of f32 go through inputs, rows and
// panels.
//
// The rows of x stay in the cache while panels stream through it:
//
//   for chunks of inputs          a panel's part stays in L2 for all strips
//     for blocks of rows          x's part stays in L2 for all panels
//       for panels                weights are read once a block
//         for strips of <= 6 rows, or of 7 to 12 by half a panel
//
// On Zen 5 95 % of the FMA peak at M = 128, N = K = 512, at both widths, and at
// M = 1 90 % of the bandwidth of W's memory (packed_matrix_bench).
#ifndef TESSERA_KERNELS_GEMM_PRODUCT_FLOAT_IMPL_H_
#define TESSERA_KERNELS_GEMM_PRODUCT_FLOAT_IMPL_H_

#include "kernels/gemm/product.h"
#include "kernels/gemm/product_float_strip_impl.h"

namespace tessera::kernels {
namespace {

// Inputs of a chunk: 2048 x 64 columns x 4 bytes are half of a 1 MiB L2.
// Without chunks AVX-512 fell to 56 % of peak at K = 8192. Sums pass through y
// between chunks, which does not change their bits.
inline constexpr std::size_t kChunkInputs = 2048;

// Elements of x that a block of rows holds: 256 KiB.
inline constexpr std::size_t kBlockElements = std::size_t{64} << 10;

// How far ahead a strip that takes whole panels fetches weights. On Zen 5 16
// KiB in place of 4 gained at M = 4 by N = 8,000 30 % (AVX-512) and 9 % (AVX2),
// by N = 32,000 7 and 30 %; at M = 1 they cost 3 and 20 %. Not measured where
// L1 has 32 KiB.
TESSERA_INLINE constexpr std::size_t FetchAheadBytes(std::size_t rows) {
  return std::size_t{rows <= 2 ? 4096u : 16384u};
}

// One block of rows by one chunk of inputs, given as an over-wide strip.
template <class Words>
void Block(const TileArgs& block, const Epilogue& epilogue) {
  using Arch = typename Words::Arch;
  const std::size_t rows = block.y.rows;
  const std::size_t strips = StripsOf<Arch>(rows);
  const std::size_t vectors = VectorsOfTile<Arch>(rows / strips);
  const bool halves = vectors < kPanelVectors<Arch>;
  const std::size_t panels = halves ? 1 : vectors / kPanelVectors<Arch>;
  const std::size_t passes = halves ? 2 : 1;  // of a strip
  const PanelBytes bytes = {
      .group = panels * block.panel_stride * sizeof(float),
      .panel = block.x.cols / Words::kParts * kStepBytes<Arch>,
      .step = kStepBytes<Arch>,
      .soon = FetchAheadBytes(rows)};
  const std::size_t group = panels * kPanelColumns<Arch>;
  for (std::size_t c = 0; c < block.y.cols; c += group) {
    const std::size_t left = block.y.cols - c;
    TileArgs strip = block;
    strip.w += c / kPanelColumns<Arch> * block.panel_stride;
    if (strip.bias) strip.bias += c;
    const Rows<float> y = block.y.Columns(c, left < group ? left : group);
    for (std::size_t s = 0; s < strips; ++s) {  // balanced: 7 rows are 3 + 4
      const std::size_t begin = rows * s / strips;
      const std::size_t count = rows * (s + 1) / strips - begin;
      strip.x = block.x.Slice(begin, count);
      strip.y = y.Slice(begin, count);
      if (halves && !epilogue.HasOperands()) {
        TallStrip<Words>(strip, epilogue, {begin, c, {0, 1}}, bytes);
        continue;
      }
      Strip<Words>(strip, epilogue,
                   {begin, c, {passes * s, passes * strips, halves}}, bytes);
    }
  }
}

// Rows of x in what a part of a word is multiplied with: one f32, or two bf16,
// of which the last may be a zero behind K.
template <class Words>
TESSERA_INLINE Rows<const float> PartsOfRows(const TypedRows& x) {
  constexpr std::size_t kWidth = Words::kInputs / Words::kParts;
  return {static_cast<const float*>(x.data), x.rows,
          (x.cols + kWidth - 1) / kWidth, x.stride / kWidth};
}

// Inputs come in chunks, after which sums pass through y.
template <class Words>
void ProductOfChunks(const ProductArgs& args) {
  using Arch = typename Words::Arch;
  constexpr std::size_t kParts = Words::kParts;
  const Rows<const float> x = PartsOfRows<Words>(args.x);
  const std::size_t chunks = PartsOf(x.cols, kChunkInputs);
  for (std::size_t chunk = 0; chunk < chunks; ++chunk) {
    const bool last = chunk + 1 == chunks;
    const auto begin = [&](std::size_t c) {  // a whole word
      return x.cols * c / chunks / kParts * kParts;
    };
    const std::size_t k = begin(chunk);
    const std::size_t inputs = (last ? x.cols : begin(chunk + 1)) - k;
    const std::size_t blocks = PartsOf(x.rows * inputs, kBlockElements);
    for (std::size_t block = 0; block < blocks; ++block) {
      const std::size_t m = x.rows * block / blocks;
      const std::size_t rows = x.rows * (block + 1) / blocks - m;
      if (rows == 0) continue;
      Block<Words>(
          {.x = x.Slice(m, rows).Columns(k, inputs),
           .w = args.w.Data<float>() + k / kParts * kPanelColumns<Arch>,
           .panel_stride = args.w.panel_stride / Words::kInputs,
           .bias = last ? args.epilogue.bias : nullptr,
           .y = args.y.Slice(m, rows),
           .fetch = {},
           .first_chunk = chunk == 0},
          last ? args.epilogue.Slice(m, rows) : Epilogue{});
    }
  }
}

// Operands of the epilogue may lie in y, where sums of several chunks pass:
// those go elsewhere, a tile at a time, with all strips beside one panel.
template <class Words>
TESSERA_INLINE void PackedProductImpl(const ProductArgs& args) {
  using Arch = typename Words::Arch;
  if (!args.epilogue.HasOperands() ||
      PartsOfRows<Words>(args.x).cols <= kChunkInputs) {
    return ProductOfChunks<Words>(args);
  }
  alignas(64) float buffer[kStripRows * kPanelColumns<Arch>];
  for (std::size_t n = 0; n < args.y.cols; n += kPanelColumns<Arch>) {
    const std::size_t left = args.y.cols - n;
    const ProductArgs panel = args.Columns(
        n, left < kPanelColumns<Arch> ? left : kPanelColumns<Arch>);
    for (std::size_t m = 0; m < args.y.rows; m += kStripRows) {
      const std::size_t below = args.y.rows - m;
      const ProductArgs tile =
          panel.Slice(m, below < kStripRows ? below : kStripRows);
      ProductArgs plain = tile;
      plain.y = Dense(buffer, tile.y.rows, tile.y.cols);
      plain.epilogue.gate = plain.epilogue.residual = {};
      ProductOfChunks<Words>(plain);
      Combine<Arch>(plain.y, tile.epilogue, tile.y);
    }
  }
}

}  // namespace
}  // namespace tessera::kernels

#endif  // TESSERA_KERNELS_GEMM_PRODUCT_FLOAT_IMPL_H_
