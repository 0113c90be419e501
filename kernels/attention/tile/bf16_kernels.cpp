// The implementations of bf16 attention tiles.
#include "kernels/attention/tile/tile.h"

namespace tessera::kernels {

using TileFn = decltype(AttentionTileBf16);
TileFn AttentionTileBf16Scalar, AttentionTileBf16Avx2, AttentionTileBf16Avx512,
    AttentionTileBf16Avx512Bf16, AttentionTileBf16Amx;

namespace {

// The first is for many rows only: see AttentionTileBf16.
constexpr Implementation<TileFn> kTileKernels[] = {
    {Isa::kAmx, "AttentionTileBf16/amx", AttentionTileBf16Amx},
    {Isa::kAvx512Vnni, "AttentionTileBf16/avx512bf16",
     AttentionTileBf16Avx512Bf16,
     [](Isa) noexcept { return HasFastBf16Dots(); }},
    {Isa::kAvx512, "AttentionTileBf16/avx512", AttentionTileBf16Avx512},
    {Isa::kAvx2, "AttentionTileBf16/avx2", AttentionTileBf16Avx2},
    {Isa::kScalar, "AttentionTileBf16/scalar", AttentionTileBf16Scalar},
};

}  // namespace

std::span<const Implementation<TileFn>> AttentionTileBf16Kernels() {
  return kTileKernels;
}

}  // namespace tessera::kernels
