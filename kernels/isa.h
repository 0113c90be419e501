// Instruction-set levels: what the CPU offers and which level kernels use.
#ifndef TESSERA_KERNELS_ISA_H_
#define TESSERA_KERNELS_ISA_H_

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace tessera::kernels {

// Levels in rising order; a level includes all below it.
//   kAvx2        AVX2, FMA, F16C, BMI2                     (Haswell, Zen 1)
//   kAvx512      + AVX-512 F, BW, CD, DQ, VL               (Skylake-SP)
//   kAvx512Vnni  + AVX-512 VNNI, VBMI, VBMI2, BITALG, ...  (Ice Lake, Zen 4)
//   kAmx         + AMX tile, int8, bf16; AVX-512 BF16      (Sapphire Rapids)
enum class Isa : std::uint8_t { kScalar, kAvx2, kAvx512, kAvx512Vnni, kAmx };

inline constexpr Isa kAllIsas[] = {Isa::kScalar, Isa::kAvx2, Isa::kAvx512,
                                   Isa::kAvx512Vnni, Isa::kAmx};

// "scalar", "avx2", "avx512", "avx512vnni", "amx": the words of TESSERA_ISA.
std::string_view Name(Isa isa) noexcept;
std::optional<Isa> ParseIsa(std::string_view name) noexcept;

// The highest level that this CPU and its operating system support.
Isa DetectedIsa() noexcept;

// The level kernels are selected for: DetectedIsa(), lowered to the level
// that the environment variable TESSERA_ISA names, if it names one. Read once.
Isa ActiveIsa() noexcept;

// Throws tessera::Error if TESSERA_ISA is set to a word that names no level.
void CheckIsaRequest();

// CPU features found, as printed by `tessera inspect --kernels`.
struct CpuFeature {
  std::string_view name;
  std::optional<Isa> level;  // the lowest that includes it, if one does
  bool present;
};
std::span<const CpuFeature> CpuFeatures();

// Whether AVX-512 BF16 is there and multiplies pairs of bf16 at the rate at
// which FMAs multiply f32: AMD's does (Zen 4 and on). Intel's runs at half of
// that rate or less, where widening to f32 is faster.
bool HasFastBf16Dots() noexcept;

// Whether AVX-VNNI is there: sums of four products of bytes without AVX-512
// (Alder Lake, Zen 5).
bool HasAvxVnni() noexcept;

}  // namespace tessera::kernels

#endif  // TESSERA_KERNELS_ISA_H_
