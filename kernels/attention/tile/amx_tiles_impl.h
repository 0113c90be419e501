// Products of bf16 matrices on tile registers: AMX, or its emulation in tests.
// Here, and where AMX is spoken of, a tile is one of these.
//
// A class Tiles stands for the eight tile registers, which are configured as
// long as it lives, and for the instructions on them:
//   Zero(t)
//   Load(t, p, stride), Store(t, p, stride)   strides in bytes
//   MultiplyAdd(c, a, b)   c[m][n] += sum of a[m][k] * b[k][n] over 16 pairs k
//   Round(from, n, to)     f32 to the nearest bf16; `to` may be where `from` is
// A register is a type, because instructions have its number in them.
#ifndef TESSERA_KERNELS_ATTENTION_TILE_AMX_TILES_IMPL_H_
#define TESSERA_KERNELS_ATTENTION_TILE_AMX_TILES_IMPL_H_

#include <cstddef>
#include <cstdint>

#include "kernels/views.h"

namespace tessera::kernels {
namespace {

inline constexpr std::size_t kSide = 16;      // rows, words and f32 of a tile
inline constexpr std::size_t kTilePairs = 2;  // bf16 in a word
inline constexpr std::size_t kRowBf16 = kSide * kTilePairs;
inline constexpr std::size_t kTileBf16 = kSide * kRowBf16;

template <int kNumber>
struct TileRegister {};

// What ldtilecfg reads. All tiles are whole: operands are filled up with zeros,
// since another configuration would take 67 ns and clear the registers.
struct TileConfig {
  std::uint8_t palette = 1;
  std::uint8_t start_row = 0;
  std::uint8_t reserved[14] = {};
  std::uint16_t row_bytes[16] = {64, 64, 64, 64, 64, 64, 64, 64};
  std::uint8_t rows[16] = {16, 16, 16, 16, 16, 16, 16, 16};
};
static_assert(sizeof(TileConfig) == 64);
alignas(64) constexpr TileConfig kWholeTiles;

// c = a b: `steps` tiles of a row times as many of a column.
struct TileProduct {
  const void* a;         // tile of step s at a + 64 s bytes, then 16 rows below
  std::size_t a_stride;  // bytes
  const Bf16* b[2];      // tile of step s at b[n] + s * b_step, dense
  std::size_t b_step;
  std::size_t steps;
  float* c;  // tile of column n at c + 16 n
  std::size_t c_stride;
};

// Of one or two tiles of rows and two of columns. By count: four products take
// 64 cycles, and the two tiles b that two by two loads for them 43 from the
// second-level cache (48 bytes a cycle); the four of one by four would take 85.
template <bool kTwoRows, class Tiles>
[[gnu::always_inline]] inline void Multiply(Tiles& tiles,
                                            const TileProduct& p) {
  constexpr TileRegister<0> c00;
  constexpr TileRegister<1> c01;
  constexpr TileRegister<2> c10;
  constexpr TileRegister<3> c11;
  constexpr TileRegister<4> a0;
  constexpr TileRegister<5> a1;
  constexpr TileRegister<6> b0;
  constexpr TileRegister<7> b1;
  tiles.Zero(c00);
  tiles.Zero(c01);
  if constexpr (kTwoRows) {
    tiles.Zero(c10);
    tiles.Zero(c11);
  }
  const auto* a = static_cast<const char*>(p.a);
  for (std::size_t s = 0; s < p.steps; ++s, a += kRowBf16 * sizeof(Bf16)) {
    constexpr std::size_t kDense = kRowBf16 * sizeof(Bf16);
    tiles.Load(a0, a, p.a_stride);
    tiles.Load(b0, p.b[0] + s * p.b_step, kDense);
    tiles.Load(b1, p.b[1] + s * p.b_step, kDense);
    tiles.MultiplyAdd(c00, a0, b0);
    tiles.MultiplyAdd(c01, a0, b1);
    if constexpr (kTwoRows) {
      tiles.Load(a1, a + kSide * p.a_stride, p.a_stride);
      tiles.MultiplyAdd(c10, a1, b0);
      tiles.MultiplyAdd(c11, a1, b1);
    }
  }
  const std::size_t stride = p.c_stride * sizeof(float);
  tiles.Store(c00, p.c, stride);
  tiles.Store(c01, p.c + kSide, stride);
  if constexpr (kTwoRows) {
    tiles.Store(c10, p.c + kSide * p.c_stride, stride);
    tiles.Store(c11, p.c + kSide * p.c_stride + kSide, stride);
  }
}

}  // namespace
}  // namespace tessera::kernels

#endif  // TESSERA_KERNELS_ATTENTION_TILE_AMX_TILES_IMPL_H_
