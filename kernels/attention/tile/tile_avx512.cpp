// Attention tiles for AVX-512.
#include "kernels/attention/tile/additive_impl.h"
#include "kernels/attention/tile/tile_impl.h"

namespace tessera::kernels {

void DotTileAvx512(const AttentionTileArgs& args) noexcept {
  AttentionTileImpl<DotScores<F32Words>, Avx512>(args);
}

void Bf16TileAvx512(const AttentionTileArgs& args) noexcept {
  AttentionTileImpl<DotScores<WidenedPairs>, Avx512>(args);
}

void AdditiveTileAvx512(const AttentionTileArgs& args) noexcept {
  AttentionTileImpl<AdditiveScores, Avx512>(args);
}

void AdditiveKeysAvx512(const float* raw, std::size_t floats,
                        float* keys) noexcept {
  AdditiveKeysImpl<Avx512>(raw, floats, keys);
}

void AttentionMergeAvx512(const AttentionTileArgs& args) noexcept {
  AttentionMergeImpl<Avx512>(args);
}

}  // namespace tessera::kernels
