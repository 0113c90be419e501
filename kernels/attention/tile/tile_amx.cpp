// Attention tiles with bf16 keys and values for AMX.
#include "kernels/attention/tile/amx_impl.h"

namespace tessera::kernels {
namespace {

// GCC 12 does not know that loads read memory: what is stored before them must
// be there.
TESSERA_INLINE void FinishStores() { __asm__ volatile("" : : : "memory"); }

// The tile registers of the CPU.
class AmxTiles {
 public:
  TESSERA_INLINE AmxTiles() { _tile_loadconfig(&kWholeTiles); }
  TESSERA_INLINE ~AmxTiles() { _tile_release(); }
  AmxTiles(const AmxTiles&) = delete;
  AmxTiles& operator=(const AmxTiles&) = delete;

#define TESSERA_TILE_REGISTER(n)                                            \
  TESSERA_INLINE void Zero(TileRegister<n>) { _tile_zero(n); }              \
  TESSERA_INLINE void Load(TileRegister<n>, const void* p,                  \
                           std::size_t stride) {                            \
    FinishStores();                                                         \
    _tile_loadd(n, p, stride);                                              \
  }                                                                         \
  TESSERA_INLINE void Store(TileRegister<n>, void* p, std::size_t stride) { \
    _tile_stored(n, p, stride);                                             \
  }
  TESSERA_TILE_REGISTER(0)
  TESSERA_TILE_REGISTER(1)
  TESSERA_TILE_REGISTER(2)
  TESSERA_TILE_REGISTER(3)
  TESSERA_TILE_REGISTER(4)
  TESSERA_TILE_REGISTER(5)
  TESSERA_TILE_REGISTER(6)
  TESSERA_TILE_REGISTER(7)
#undef TESSERA_TILE_REGISTER

#define TESSERA_TILE_PRODUCT(c, a, b)                               \
  TESSERA_INLINE void MultiplyAdd(TileRegister<c>, TileRegister<a>, \
                                  TileRegister<b>) {                \
    _tile_dpbf16ps(c, a, b);                                        \
  }
  TESSERA_TILE_PRODUCT(0, 4, 6)
  TESSERA_TILE_PRODUCT(1, 4, 7)
  TESSERA_TILE_PRODUCT(2, 5, 6)
  TESSERA_TILE_PRODUCT(3, 5, 7)
#undef TESSERA_TILE_PRODUCT

  // Front to back, so that bf16 may go in front of the f32 still to read.
  TESSERA_INLINE static void Round(const float* from, std::size_t n, Bf16* to) {
    const auto rounded = [](F32<Avx512> x) {
      return __builtin_bit_cast(__m256i, _mm512_cvtneps_pbh(x));
    };
    ForLanes<Avx512>(
        n,
        [&](std::size_t i) {
          _mm256_storeu_si256(reinterpret_cast<__m256i*>(to + i),
                              rounded(kernels::Load<Avx512>(from + i)));
        },
        [&](std::size_t i, FirstLanes<Avx512> first) {
          _mm256_mask_storeu_epi16(to + i, first.mask,
                                   rounded(first.Load(from + i)));
        });
  }
};

}  // namespace

void Bf16TileAmx(const AttentionTileArgs& args) noexcept {
  AttentionTileAmxImpl<AmxTiles, Avx512>(args);
}

}  // namespace tessera::kernels
