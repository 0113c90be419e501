// The tile registers and instructions of AMX in plain C++, as Intel documents
// them, for the kernel of amx_impl.h.
//
// Ends the program where an instruction would fault.
#ifndef TESSERA_TESTS_KERNELS_ATTENTION_BF16_AMX_EMULATION_H_
#define TESSERA_TESTS_KERNELS_ATTENTION_BF16_AMX_EMULATION_H_

#include <cstdint>
#include <cstdio>
#include <cstdlib>

#include "kernels/attention/tile/amx_tiles_impl.h"

namespace tessera::kernels {
namespace {

inline void FaultUnless(bool allowed, const char* rule) {
  if (allowed) return;
  std::fprintf(stderr, "AMX would fault, it wants: %s\n", rule);
  std::abort();
}

// Denormals count as zero and come out as zero, whatever MXCSR says.
inline float Flushed(float x) {
  const auto bits = __builtin_bit_cast(std::uint32_t, x);
  const std::uint32_t kept = (bits & 0x7f800000u) ? bits : bits & 0x80000000u;
  return __builtin_bit_cast(float, kept);
}

class EmulatedTiles {
 public:
  explicit EmulatedTiles(const TileConfig& config = kWholeTiles) {
    unsigned char raw[64];  // ldtilecfg
    __builtin_memcpy(raw, &config, sizeof(raw));
    FaultUnless(raw[0] == 1, "palette 1");
    for (int i = 2; i < 64; ++i) {
      const bool reserved = i < 16 || (i >= 32 && i < 48) || i >= 56;
      FaultUnless(!reserved || raw[i] == 0, "zeros where it is reserved");
    }
    for (int t = 0; t < 8; ++t) {
      tiles_[t].rows = raw[48 + t];
      tiles_[t].row_bytes = raw[16 + 2 * t] + 256 * raw[17 + 2 * t];
      FaultUnless(tiles_[t].rows <= 16 && tiles_[t].row_bytes <= 64,
                  "tiles of up to 16 rows of 64 bytes");
      FaultUnless((tiles_[t].rows == 0) == (tiles_[t].row_bytes == 0),
                  "rows and bytes, or neither");
    }
  }

  template <int n>
  void Zero(TileRegister<n>) {
    __builtin_memset(Configured(n).bytes, 0, sizeof(Register::bytes));
  }

  template <int n>
  void Load(TileRegister<n> t, const void* p, std::size_t stride) {
    Zero(t);
    Register& tile = Configured(n);
    for (int r = 0; r < tile.rows; ++r) {
      __builtin_memcpy(
          tile.bytes[r],
          static_cast<const char*>(p) + static_cast<std::size_t>(r) * stride,
          static_cast<std::size_t>(tile.row_bytes));
    }
  }

  template <int n>
  void Store(TileRegister<n>, void* p, std::size_t stride) {
    const Register& tile = Configured(n);
    for (int r = 0; r < tile.rows; ++r) {
      __builtin_memcpy(
          static_cast<char*>(p) + static_cast<std::size_t>(r) * stride,
          tile.bytes[r], static_cast<std::size_t>(tile.row_bytes));
    }
  }

  // tdpbf16ps: a row's even and odd elements are summed by FMAs from zero, then
  // both sums added, then that to c.
  template <int nc, int na, int nb>
  void MultiplyAdd(TileRegister<nc>, TileRegister<na>, TileRegister<nb>) {
    Register &c = Configured(nc), &a = Configured(na), &b = Configured(nb);
    FaultUnless(nc != na && nc != nb && na != nb, "three different tiles");
    FaultUnless(c.rows == a.rows && c.row_bytes == b.row_bytes &&
                    a.row_bytes == 4 * b.rows && c.row_bytes % 4 == 0,
                "shapes that match");
    for (int m = 0; m < c.rows; ++m) {
      float even[16] = {}, odd[16] = {}, sum[16];
      for (int k = 0; k < b.rows; ++k) {
        const float a_even = Element(a, m, 2 * k);
        const float a_odd = Element(a, m, 2 * k + 1);
        for (int n = 0; n < 16; ++n) {
          even[n] =
              Flushed(__builtin_fmaf(a_even, Element(b, k, 2 * n), even[n]));
          odd[n] =
              Flushed(__builtin_fmaf(a_odd, Element(b, k, 2 * n + 1), odd[n]));
        }
      }
      __builtin_memcpy(sum, c.bytes[m], sizeof(sum));
      for (int n = 0; n < c.row_bytes / 4; ++n) {
        sum[n] = Flushed(Flushed(sum[n]) + Flushed(even[n] + odd[n]));
      }
      __builtin_memcpy(c.bytes[m], sum, sizeof(sum));
    }
  }

  // vcvtneps2bf16, front to back.
  static void Round(const float* from, std::size_t n, Bf16* to) {
    for (std::size_t i = 0; i < n; ++i) {
      float x;
      __builtin_memcpy(&x, from + i, sizeof(x));
      const Bf16 rounded = ToBf16(Flushed(x));
      __builtin_memcpy(to + i, &rounded, sizeof(rounded));
    }
  }

 private:
  struct Register {
    int rows, row_bytes;
    alignas(64) unsigned char bytes[16][64] = {};
  };

  Register& Configured(int n) {
    FaultUnless(n < 8 && tiles_[n].rows > 0, "tiles that are configured");
    return tiles_[n];
  }
  static float Element(const Register& tile, int row, int column) {
    Bf16 x;
    __builtin_memcpy(&x, tile.bytes[row] + 2 * column, sizeof(x));
    return Flushed(ToFloat(x));
  }

  Register tiles_[8];
};

}  // namespace
}  // namespace tessera::kernels

#endif  // TESSERA_TESTS_KERNELS_ATTENTION_BF16_AMX_EMULATION_H_
