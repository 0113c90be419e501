// The implementations of attention tiles, by type and score.
#include "kernels/attention/tile/tile.h"

namespace tessera::kernels {

// tile_<isa>.cpp
TileFn AttentionTileScalar;
TileFn DotTileAvx2, DotTileAvx512, AdditiveTileAvx2, AdditiveTileAvx512;
TileFn Bf16TileAvx2, Bf16TileAvx512, Bf16TileAvx512Bf16, Bf16TileAmx;
MergeFn AttentionMergeScalar, AttentionMergeAvx2, AttentionMergeAvx512;
AdditiveKeysFn AdditiveKeysScalar, AdditiveKeysAvx2, AdditiveKeysAvx512;

namespace {

constexpr TileImplementation kDot[] = {
    {{Isa::kAvx512, "AttentionTile/f32/avx512", DotTileAvx512}},
    {{Isa::kAvx2, "AttentionTile/f32/avx2", DotTileAvx2}},
    {{Isa::kScalar, "AttentionTile/f32/scalar", AttentionTileScalar}},
};

constexpr const char* kAmxWhen = "sequences of 8 queries or more";
static_assert(kAmxFewestRows == 8, "kAmxWhen says the same");

constexpr TileImplementation kBf16Dot[] = {
    {{Isa::kAmx, "AttentionTile/bf16/amx", Bf16TileAmx, nullptr, kAmxWhen},
     kAmxFewestRows,
     AmxScratch},
    {{Isa::kAvx512Vnni, "AttentionTile/bf16/avx512bf16", Bf16TileAvx512Bf16,
      [](Isa) noexcept { return HasFastBf16Dots(); }}},
    {{Isa::kAvx512, "AttentionTile/bf16/avx512", Bf16TileAvx512}},
    {{Isa::kAvx2, "AttentionTile/bf16/avx2", Bf16TileAvx2}},
    {{Isa::kScalar, "AttentionTile/bf16/scalar", AttentionTileScalar}},
};

constexpr TileImplementation kAdditive[] = {
    {{Isa::kAvx512, "AdditiveTile/f32/avx512", AdditiveTileAvx512}},
    {{Isa::kAvx2, "AdditiveTile/f32/avx2", AdditiveTileAvx2}},
    {{Isa::kScalar, "AdditiveTile/f32/scalar", AttentionTileScalar}},
};

constexpr TileImplementation kBf16Additive[] = {
    {{Isa::kScalar, "AdditiveTile/bf16/scalar", AttentionTileScalar}},
};

constexpr Implementation<MergeFn> kMerge[] = {
    {Isa::kAvx512, "AttentionMerge/avx512", AttentionMergeAvx512},
    {Isa::kAvx2, "AttentionMerge/avx2", AttentionMergeAvx2},
    {Isa::kScalar, "AttentionMerge/scalar", AttentionMergeScalar},
};

constexpr Implementation<AdditiveKeysFn> kAdditiveKeys[] = {
    {Isa::kAvx512, "AdditiveKeys/avx512", AdditiveKeysAvx512},
    {Isa::kAvx2, "AdditiveKeys/avx2", AdditiveKeysAvx2},
    {Isa::kScalar, "AdditiveKeys/scalar", AdditiveKeysScalar},
};

}  // namespace

std::span<const TileImplementation> AttentionTileKernels(ElementType type,
                                                         Score score) {
  const bool bf16 = type == ElementType::kBf16;
  if (score == Score::kDot) {
    return bf16 ? std::span<const TileImplementation>(kBf16Dot) : kDot;
  }
  return bf16 ? std::span<const TileImplementation>(kBf16Additive) : kAdditive;
}

std::span<const Implementation<MergeFn>> AttentionMergeKernels() {
  return kMerge;
}
std::span<const Implementation<AdditiveKeysFn>> AdditiveKeysKernels() {
  return kAdditiveKeys;
}

}  // namespace tessera::kernels
