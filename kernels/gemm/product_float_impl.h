// The SIMD body of products with sums of f32, once for every register width and
// type of weights.
//
// Weights are 32-bit words, of which a class Words says
//   kParts         inputs of x that a word is multiplied with, each as an f32
//   kInputs        inputs of x that a word stands for
//   Load<kPart>    what that part of registers of words is as factors
//   Input          a factor of x
//   MultiplyAdd    input * weights + sum
//
// A tile is up to 6 rows by one panel: 6 x 4 zmm or 6 x 2 ymm of accumulators
// fill the register file, and one step over k takes 10 (8) loads for 24 (12)
// FMAs, so that the FMA ports are the limit. The rows of x stay in the cache
// while panels stream through it:
//
//   for chunks of inputs          a panel's part stays in L2 for all strips
//     for blocks of rows          x's part stays in L2 for all panels
//       for panels                weights are read once a block
//         for strips of <= 6 rows
//
// On Zen 5 95 % of the FMA peak at M = 128, N = K = 512, at both widths, and at
// M = 1 90 % of the bandwidth of W's memory (packed_matrix_bench).
#ifndef TESSERA_KERNELS_GEMM_PRODUCT_FLOAT_IMPL_H_
#define TESSERA_KERNELS_GEMM_PRODUCT_FLOAT_IMPL_H_

#include <cstring>

#include "kernels/gemm/product.h"
#include "kernels/gemm/product_tile_impl.h"
#include "kernels/simd_ints.h"

namespace tessera::kernels {
namespace {

// Inputs of a chunk: 2048 x 64 columns x 4 bytes are half of a 1 MiB L2.
// Without chunks AVX-512 fell to 56 % of peak at K = 8192. Sums pass through y
// between chunks, which does not change their bits.
inline constexpr std::size_t kChunkInputs = 2048;

// Elements of x that a block of rows holds: 256 KiB.
inline constexpr std::size_t kBlockElements = std::size_t{64} << 10;

// How far ahead one or two strips fetch weights: 4 KiB. At M = 4 that
// gained 8 to 12 % from L3 (AVX-512) and 37 % from memory (AVX2); it cost
// nothing at M = 128.
inline constexpr std::size_t kFetchAheadBytes = 4096;

// One f32 a word.
template <class ArchOfWords>
struct F32Words {
  using Arch = ArchOfWords;
  static constexpr std::size_t kParts = 1, kInputs = 1;

  template <std::size_t kPart>
  TESSERA_INLINE static F32<Arch> Load(const float* words) {
    return kernels::Load<Arch>(words);
  }
  TESSERA_INLINE static F32<Arch> Input(const float* x) {
    return Broadcast<Arch>(*x);
  }
  TESSERA_INLINE static F32<Arch> MultiplyAdd(F32<Arch> input,
                                              F32<Arch> weights,
                                              F32<Arch> sum) {
    return Fma(input, weights, sum);
  }
};

// Two bf16 a word, widened: the first by a shift, the second by a mask. Words
// are loaded for each, because they would not fit the registers beside sums.
template <class ArchOfWords>
struct Bf16Words : F32Words<ArchOfWords> {
  using Arch = ArchOfWords;
  static constexpr std::size_t kParts = 2, kInputs = 2;

  template <std::size_t kPart>
  TESSERA_INLINE static F32<Arch> Load(const float* words) {
    const I32<Arch> bits = Bits(kernels::Load<Arch>(words));
    if constexpr (kPart == 0) return FromBits<Arch>(ShiftLeft<16>(bits));
    constexpr auto kSecond = static_cast<std::int32_t>(0xffff0000u);
    return FromBits<Arch>(AndInts(bits, BroadcastInts<Arch>(kSecond)));
  }
};

// Two bf16 a word, multiplied as they are by two of x.
#ifdef __AVX512BF16__
struct Bf16Pairs {
  using Arch = Avx512;
  static constexpr std::size_t kParts = 1, kInputs = 2;

  template <std::size_t kPart>
  TESSERA_INLINE static F32<Avx512> Load(const float* words) {
    return kernels::Load<Avx512>(words);
  }
  TESSERA_INLINE static F32<Avx512> Input(const float* x) {
    std::int32_t pair;
    std::memcpy(&pair, x, sizeof(pair));
    return FromBits<Avx512>(BroadcastInts<Avx512>(pair));
  }
  // By asm, as in dots_impl.h: GCC 12 moves and spills sums otherwise.
  TESSERA_INLINE static F32<Avx512> MultiplyAdd(F32<Avx512> input,
                                                F32<Avx512> weights,
                                                F32<Avx512> sum) {
    __m512 total = sum;
    __asm__("vdpbf16ps %2, %1, %0"
            : "+v"(total)
            : "v"(__m512(weights)), "v"(__m512(input)));
    return total;
  }
};
#endif

struct TileArgs {
  Rows<const float> x;       // [rows of the strip, parts of the chunk]
  const float* w;            // words: the chunk's part of the first panel
  std::size_t panel_stride;  // words
  const float* bias;  // of the first column; nullptr unless the chunk is last
  Rows<float> y;      // [rows, columns]; columns may end inside a panel
  FetchPlan fetch;
  bool first_chunk;
};

// Bytes of a panel that the words of a step take.
template <class Arch>
inline constexpr std::size_t kStepBytes = kPanelColumns<Arch> * sizeof(float);

// The accumulators: kRows by kPanels panels of columns.
template <class Words, std::size_t kRows, std::size_t kPanels, bool kShared>
struct TileSums {
  using Arch = typename Words::Arch;
  static constexpr std::size_t kVectors = kPanels * kPanelVectors<Arch>;
  F32<Arch> sums[kRows][kVectors];

  TESSERA_INLINE void Begin() {
    for (auto& row : sums) {
      for (F32<Arch>& sum : row) sum = Zero<Arch>();
    }
  }
  TESSERA_INLINE void Resume(Rows<const float> y) {
    for (std::size_t r = 0; r < kRows; ++r) {
      for (std::size_t v = 0; v < kVectors; ++v) {
        sums[r][v] = LoadWithin<Arch>(y[r], v * kLanes<Arch>, y.cols);
      }
    }
  }
  // Adds the products of input k; w is its first word in the first panel.
  template <std::size_t kPart>
  TESSERA_INLINE void Step(Rows<const float> x, std::size_t k, const float* w,
                           std::size_t panel_stride, const char* fetch) {
    F32<Arch> weights[kVectors];
    for (std::size_t p = 0; p < kPanels; ++p) {
      const float* panel = w + p * panel_stride;
      for (std::size_t v = 0; v < kPanelVectors<Arch>; ++v) {
        weights[p * kPanelVectors<Arch> + v] =
            Words::template Load<kPart>(panel + v * kLanes<Arch>);
      }
      if constexpr (kPart == 0) {
        FetchLines<kShared>(fetch + p * panel_stride * sizeof(float),
                            kStepBytes<Arch>);
      }
    }
    for (std::size_t r = 0; r < kRows; ++r) {
      const F32<Arch> input = Words::Input(x[r] + k);
      for (std::size_t v = 0; v < kVectors; ++v) {
        sums[r][v] = Words::MultiplyAdd(input, weights[v], sums[r][v]);
      }
    }
  }
  TESSERA_INLINE void AddBias(const float* bias) {
    for (std::size_t v = 0; v < kVectors; ++v) {
      const F32<Arch> b = Load<Arch>(bias + v * kLanes<Arch>);
      for (auto& row : sums) row[v] = row[v] + b;
    }
  }
  TESSERA_INLINE void End(Rows<float> y) const {
    for (std::size_t r = 0; r < kRows; ++r) {
      for (std::size_t v = 0; v < kVectors; ++v) {
        StoreWithin<Arch>(y[r], v * kLanes<Arch>, y.cols, sums[r][v]);
      }
    }
  }
};

template <class Words, std::size_t kRows, std::size_t kPanels, bool kShared>
void Tile(const TileArgs& t) {
  using Arch = typename Words::Arch;
  constexpr std::size_t kParts = Words::kParts;
  TileSums<Words, kRows, kPanels, kShared> tile;
  if (t.first_chunk) {
    tile.Begin();
  } else {
    tile.Resume(t.y);
  }
  const Rows<const float> x = t.x;
  const std::size_t panel_stride = t.panel_stride;
  const float* w = t.w;
  const std::size_t advance = t.fetch.advance;
  const char* fetch = reinterpret_cast<const char*>(w) + t.fetch.offset;
  std::size_t k = 0;
  const auto step = [&]() __attribute__((always_inline)) {
    tile.template Step<0>(x, k, w, panel_stride, fetch);
    if constexpr (kParts == 2) {
      tile.template Step<1>(x, k + 1, w, panel_stride, fetch);
    }
    k += kParts;
    w += kPanelColumns<Arch>;
    fetch += advance;
  };
  if constexpr (kRows <= 2) {
    // Two steps a turn: beside such short ones the loop's own work counts, 20 %
    // at M = 2 on AVX-512.
    while (k + 2 * kParts <= x.cols) {
      step();
      step();
    }
  }
  while (k + kParts <= x.cols) step();
  if constexpr (kParts == 2) {
    if (k < x.cols) tile.template Step<0>(x, k, w, panel_stride, fetch);
  }
  if (t.bias) tile.AddBias(t.bias);
  tile.End(t.y);
}

// The tile that fetches as its plan says.
template <class Words, std::size_t kRows, std::size_t kPanels>
TESSERA_INLINE void FetchingTile(const TileArgs& t) {
  if constexpr (kRows >= kLeastSharedRows) {
    if (t.fetch.shared) return Tile<Words, kRows, kPanels, true>(t);
  }
  Tile<Words, kRows, kPanels, false>(t);
}

template <class Words, std::size_t kRows>
TESSERA_INLINE void TileOfRows(const TileArgs& t, std::size_t panels) {
  constexpr std::size_t kMost = PanelsOfTile<typename Words::Arch>(kRows);
  if constexpr (kMost >= 4) {
    if (panels == 4) return FetchingTile<Words, kRows, 4>(t);
  }
  if constexpr (kMost >= 2) {
    if (panels == 2) return FetchingTile<Words, kRows, 2>(t);
  }
  FetchingTile<Words, kRows, 1>(t);
}

template <class Words>
void RunTile(const TileArgs& t, std::size_t panels) {
  switch (t.y.rows) {
    case 1:
      return TileOfRows<Words, 1>(t, panels);
    case 2:
      return TileOfRows<Words, 2>(t, panels);
    case 3:
      return TileOfRows<Words, 3>(t, panels);
    case 4:
      return TileOfRows<Words, 4>(t, panels);
    case 5:
      return TileOfRows<Words, 5>(t, panels);
    default:
      return TileOfRows<Words, kStripRows>(t, panels);
  }
}

// One strip by neighbouring panels, as many at once as a tile takes.
template <class Words>
void Strip(const TileArgs& strip, Activation activation) {
  using Arch = typename Words::Arch;
  const std::size_t columns = strip.y.cols;
  for (std::size_t c = 0; c < columns;) {
    std::size_t panels = PanelsOfTile<Arch>(strip.y.rows);
    while (c + (panels - 1) * kPanelColumns<Arch> >= columns) panels /= 2;
    const std::size_t width = panels * kPanelColumns<Arch>;
    TileArgs tile = strip;
    tile.w += c / kPanelColumns<Arch> * strip.panel_stride;
    if (tile.bias) tile.bias += c;
    tile.y = strip.y.Columns(c, columns - c < width ? columns - c : width);
    RunTile<Words>(tile, panels);
    ActivateImpl<Arch>(activation, tile.y);
    c += width;
  }
}

// One block of rows by one chunk of inputs, given as an over-wide strip.
template <class Words>
void Block(const TileArgs& block, Activation activation) {
  using Arch = typename Words::Arch;
  const std::size_t rows = block.y.rows;
  const std::size_t strips = (rows + kStripRows - 1) / kStripRows;
  const std::size_t group =
      PanelsOfTile<Arch>(rows / strips) * kPanelColumns<Arch>;
  const PanelBytes bytes = {
      .group = group / kPanelColumns<Arch> * block.panel_stride * sizeof(float),
      .panel = block.x.cols / Words::kParts * kStepBytes<Arch>,
      .step = kStepBytes<Arch>};
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
      strip.fetch = FetchOf(s, strips, bytes, kFetchAheadBytes);
      strip.y = y.Slice(begin, count);
      Strip<Words>(strip, activation);
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

// y = act(x W^T + b)
template <class Words>
void PlainProduct(const ProductArgs& args) {
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
          last ? args.epilogue.activation : Activation::kIdentity);
    }
  }
}

// Operands of the epilogue may lie in y: sums go elsewhere, a tile at a time,
// with all strips beside one panel.
template <class Words>
TESSERA_INLINE void PackedProductImpl(const ProductArgs& args) {
  using Arch = typename Words::Arch;
  if (!args.epilogue.HasOperands()) return PlainProduct<Words>(args);
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
      PlainProduct<Words>(plain);
      Combine<Arch>(plain.y, tile.epilogue, tile.y);
    }
  }
}

}  // namespace
}  // namespace tessera::kernels

#endif  // TESSERA_KERNELS_GEMM_PRODUCT_FLOAT_IMPL_H_
