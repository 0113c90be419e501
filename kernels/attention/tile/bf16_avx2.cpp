// Attention tiles with bf16 keys and values for AVX2.
#include "kernels/attention/tile/bf16_impl.h"

namespace tessera::kernels {

void AttentionTileBf16Avx2(const AttentionTileArgs& args) noexcept {
  AttentionTileImpl<Bf16Scores<WidenedPairs>, Avx2>(args);
}

}  // namespace tessera::kernels
