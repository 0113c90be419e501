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
// FMAs, so that the FMA ports are the limit; as with 12 x 2 zmm and 14 loads.
// The rows of x stay in the cache
// while panels stream through it:
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

// Words of a column that the halves of a tall strip take in turn: 16 KiB.
inline constexpr std::size_t kTallInputs = 64;

// How far ahead a strip that takes whole panels fetches weights. On Zen 5 16
// KiB in place of 4 gained at M = 4 by N = 8,000 30 % (AVX-512) and 9 % (AVX2),
// by N = 32,000 7 and 30 %; at M = 1 they cost 3 and 20 %. Not measured where
// L1 has 32 KiB.
TESSERA_INLINE constexpr std::size_t FetchAheadBytes(std::size_t rows) {
  return std::size_t{rows <= 2 ? 4096u : 16384u};
}

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

// The accumulators: kRows by kVectors registers of columns, of several panels
// or of a part of one.
template <class Words, std::size_t kRows, std::size_t kVectors, bool kShared>
struct TileSums {
  using Arch = typename Words::Arch;
  // Registers of one panel.
  static constexpr std::size_t kOfPanel =
      kVectors < kPanelVectors<Arch> ? kVectors : kPanelVectors<Arch>;

  F32<Arch> sums[kRows][kVectors];

  // body(r, v, sums[r][v])
  template <class Body>
  TESSERA_INLINE void ForSums(Body&& body) {
    Unrolled<kRows>([&](auto r) __attribute__((always_inline)) {
      Unrolled<kVectors>([&](auto v) __attribute__((always_inline)) {
        body(r, v, sums[r][v]);
      });
    });
  }

  TESSERA_INLINE void Begin() {
    ForSums([](auto, auto, F32<Arch>& sum)
                __attribute__((always_inline)) { sum = Zero<Arch>(); });
  }
  TESSERA_INLINE void Resume(Rows<const float> y) {
    ForSums([&](auto r, auto v, F32<Arch>& sum) __attribute__((always_inline)) {
      sum = LoadWithin<Arch>(y[r], v * kLanes<Arch>, y.cols);
    });
  }
  TESSERA_INLINE static void Fetch(const char* fetch,
                                   std::size_t panel_stride) {
    for (std::size_t p = 0; p < kVectors / kOfPanel; ++p) {
      FetchLines<kShared>(
          fetch + p * panel_stride * sizeof(float),
          kShared ? kStepBytes<Arch> / 2 : kOfPanel * sizeof(F32<Arch>));
    }
  }
  // Adds the products of an input; w is its first word in the first panel.
  template <std::size_t kPart>
  TESSERA_INLINE void Step(const RowsOfStrip<float, kRows>& x, const float* w,
                           std::size_t panel_stride, const char* fetch) {
    F32<Arch> weights[kVectors];
    for (std::size_t v = 0; v < kVectors; ++v) {
      weights[v] = Words::template Load<kPart>(w + v / kOfPanel * panel_stride +
                                               v % kOfPanel * kLanes<Arch>);
    }
    if constexpr (kPart == 0) Fetch(fetch, panel_stride);
    Unrolled<kRows>([&](auto r) __attribute__((always_inline)) {
      const F32<Arch> input = Words::Input(x[r] + kPart);
      Unrolled<kVectors>([&](auto v) __attribute__((always_inline)) {
        sums[r][v] = Words::MultiplyAdd(input, weights[v], sums[r][v]);
      });
    });
  }
  TESSERA_INLINE void AddBias(const float* bias) {
    ForSums([&](auto, auto v, F32<Arch>& sum) __attribute__((always_inline)) {
      sum = sum + Load<Arch>(bias + v * kLanes<Arch>);
    });
  }
  TESSERA_INLINE void End(Rows<float> y) {
    ForSums([&](auto r, auto v, F32<Arch>& sum) __attribute__((always_inline)) {
      StoreWithin<Arch>(y[r], v * kLanes<Arch>, y.cols, sum);
    });
  }
};

template <class Words, std::size_t kRows, std::size_t kVectors, bool kShared>
void Tile(const TileArgs& t) {
  using Arch = typename Words::Arch;
  constexpr std::size_t kParts = Words::kParts;
  TileSums<Words, kRows, kVectors, kShared> tile;
  if (t.first_chunk) {
    tile.Begin();
  } else {
    tile.Resume(t.y);
  }
  RowsOfStrip<float, kRows> x(t.x.data, t.x.stride);
  const std::size_t inputs = t.x.cols;
  const std::size_t panel_stride = t.panel_stride;
  const float* w = t.w;
  const std::size_t advance = t.fetch.advance;
  const char* fetch = reinterpret_cast<const char*>(w) + t.fetch.offset;
  std::size_t k = 0;
  const auto step = [&]() __attribute__((always_inline)) {
    tile.template Step<0>(x, w, panel_stride, fetch);
    if constexpr (kParts == 2) {
      tile.template Step<1>(x, w, panel_stride, fetch);
    }
    k += kParts;
    x.Advance(kParts);
    w += kPanelColumns<Arch>;
    fetch += advance;
  };
  if constexpr (kRows <= 2) {
    // Two steps a turn: beside such short ones the loop's own work counts, 20 %
    // at M = 2 on AVX-512.
    while (k + 2 * kParts <= inputs) {
      step();
      step();
    }
  }
  while (k + kParts <= inputs) step();
  if constexpr (kParts == 2) {
    if (k < inputs) tile.template Step<0>(x, w, panel_stride, fetch);
  }
  if (t.bias) tile.AddBias(t.bias);
  tile.End(t.y);
}

// The tile that fetches as its plan says. Strips share a panel from 13 rows on,
// which are 3, or where none is tall from 7, which are 3 + 4.
template <class Words, std::size_t kRows, std::size_t kVectors>
TESSERA_INLINE void FetchingTile(const TileArgs& t) {
  constexpr std::size_t kLeastShared =
      kTallRows < typename Words::Arch >> kStripRows ? 4 : 3;
  if constexpr (kRows >= kLeastShared) {
    if (t.fetch.shared) return Tile<Words, kRows, kVectors, true>(t);
  }
  Tile<Words, kRows, kVectors, false>(t);
}

template <class Words>
void RunTile(const TileArgs& t, std::size_t vectors) {
  using Arch = typename Words::Arch;
  DispatchStrip<Arch>(t.y.rows, [&]<std::size_t kRows>() {
    constexpr std::size_t kMost = VectorsOfTile<Arch>(kRows);
    if constexpr (kMost / 2 >= kPanelVectors<Arch>) {
      if constexpr (kMost / 4 >= kPanelVectors<Arch>) {
        if (vectors == kMost / 4) {
          return FetchingTile<Words, kRows, kMost / 4>(t);
        }
      }
      if (vectors == kMost / 2) {
        return FetchingTile<Words, kRows, kMost / 2>(t);
      }
    }
    FetchingTile<Words, kRows, kMost>(t);
  });
}

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
