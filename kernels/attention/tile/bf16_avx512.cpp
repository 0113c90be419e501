// Attention tiles with bf16 keys and values for AVX-512.
#include "kernels/attention/tile/bf16_impl.h"

namespace tessera::kernels {

void AttentionTileBf16Avx512(const AttentionTileArgs& args) noexcept {
  AttentionTileImpl<Bf16Scores<WidenedPairs>, Avx512>(args);
}

}  // namespace tessera::kernels
