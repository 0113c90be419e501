// The AMX kernel of bf16 attention on emulated tiles, for AVX-512.
#include "kernels/attention/tile/amx_impl.h"
#include "tests/kernels/attention_bf16_amx_emulation.h"

namespace tessera::kernels {

void Bf16TileEmulatedAvx512(const AttentionTileArgs& args) noexcept {
  AttentionTileAmxImpl<EmulatedTiles, Avx512>(args);
}

}  // namespace tessera::kernels
