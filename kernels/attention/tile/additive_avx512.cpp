// Additive attention tiles for AVX-512.
#include "kernels/attention/tile/additive_impl.h"

namespace tessera::kernels {

void AdditiveAttentionTileAvx512(const AttentionTileArgs& args) noexcept {
  AttentionTileImpl<AdditiveScores, Avx512>(args);
}

void AdditiveKeysAvx512(const float* raw, std::size_t floats,
                        float* keys) noexcept {
  AdditiveKeysImpl<Avx512>(raw, floats, keys);
}

}  // namespace tessera::kernels
