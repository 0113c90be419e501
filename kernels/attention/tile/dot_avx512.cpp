// Attention tiles for AVX-512.
#include "kernels/attention/tile/tile_impl.h"

namespace tessera::kernels {

void AttentionTileAvx512(const AttentionTileArgs& args) noexcept {
  AttentionTileImpl<DotScores, Avx512>(args);
}

void AttentionMergeAvx512(const AttentionTileArgs& args) noexcept {
  AttentionMergeImpl<Avx512>(args);
}

}  // namespace tessera::kernels
