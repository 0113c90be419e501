// Additive attention tiles for AVX2.
#include "kernels/attention/tile/additive_impl.h"

namespace tessera::kernels {

void AdditiveAttentionTileAvx2(const AttentionTileArgs& args) noexcept {
  AttentionTileImpl<AdditiveScores, Avx2>(args);
}

void AdditiveKeysAvx2(const float* raw, std::size_t floats,
                      float* keys) noexcept {
  AdditiveKeysImpl<Avx2>(raw, floats, keys);
}

}  // namespace tessera::kernels
