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
  bool present;
};
std::span<const CpuFeature> CpuFeatures();

// Whether AVX-512 BF16 is there and multiplies pairs of bf16 at the rate at
// which FMAs multiply f32: AMD's does (Zen 4 and on). Intel's runs at half of
// that rate or less, where widening to f32 is faster.
bool HasFastBf16Dots() noexcept;

// One implementation of a kernel with the level it needs.
template <class Fn>
struct Kernel {
  Isa isa;
  const char* name;  // "SoftmaxRows/avx2"
  Fn* run;
  bool (*usable)() noexcept = nullptr;  // what it needs beyond the level

  // Whether a CPU of this level runs it.
  bool RunsOn(Isa level) const noexcept {
    return isa <= level && (!usable || usable());
  }
};

// The first implementation, lists being best first, that ActiveIsa() allows.
template <class Fn>
Fn* Select(std::span<const Kernel<Fn>> kernels) noexcept {
  for (const Kernel<Fn>& kernel : kernels) {
    if (kernel.RunsOn(ActiveIsa())) return kernel.run;
  }
  return kernels.back().run;
}

}  // namespace tessera::kernels

#endif  // TESSERA_KERNELS_ISA_H_
