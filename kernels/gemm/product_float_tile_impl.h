// The register tile of products with sums of f32, once for every register width
// and type of weights.
//
// It is up to 6 rows by one panel: 6 x 4 zmm or 6 x 2 ymm of accumulators fill
// the register file, and one step over k takes 10 (8) loads for 24 (12) FMAs,
// so that the FMA ports are the limit; as with 12 x 2 zmm and 14 loads.
#ifndef TESSERA_KERNELS_GEMM_PRODUCT_FLOAT_TILE_IMPL_H_
#define TESSERA_KERNELS_GEMM_PRODUCT_FLOAT_TILE_IMPL_H_

#include "kernels/gemm/product_float_words_impl.h"
#include "kernels/gemm/product_tile_impl.h"

namespace tessera::kernels {
namespace {

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

}  // namespace
}  // namespace tessera::kernels

#endif  // TESSERA_KERNELS_GEMM_PRODUCT_FLOAT_TILE_IMPL_H_
