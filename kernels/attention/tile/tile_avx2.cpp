// Attention tiles for AVX2.
#include "kernels/attention/tile/additive_impl.h"
#include "kernels/attention/tile/tile_impl.h"

namespace tessera::kernels {

void DotTileAvx2(const AttentionTileArgs& args) noexcept {
  AttentionTileImpl<DotScores<F32Words>, Avx2>(args);
}

void Bf16TileAvx2(const AttentionTileArgs& args) noexcept {
  AttentionTileImpl<DotScores<WidenedPairs>, Avx2>(args);
}

void AdditiveTileAvx2(const AttentionTileArgs& args) noexcept {
  AttentionTileImpl<AdditiveScores, Avx2>(args);
}

void AdditiveKeysAvx2(const float* raw, std::size_t floats,
                      float* keys) noexcept {
  AdditiveKeysImpl<Avx2>(raw, floats, keys);
}

void AttentionMergeAvx2(const AttentionTileArgs& args) noexcept {
  AttentionMergeImpl<Avx2>(args);
}

}  // namespace tessera::kernels
