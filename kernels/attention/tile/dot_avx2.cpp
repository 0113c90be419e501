// Attention tiles for AVX2.
#include "kernels/attention/tile/tile_impl.h"

namespace tessera::kernels {

void AttentionTileAvx2(const AttentionTileArgs& args) noexcept {
  AttentionTileImpl<DotScores, Avx2>(args);
}

void AttentionMergeAvx2(const AttentionTileArgs& args) noexcept {
  AttentionMergeImpl<Avx2>(args);
}

}  // namespace tessera::kernels
