// CPU detection by CPUID and XCR0, and the TESSERA_ISA override.
#include "kernels/isa.h"

#include <cpuid.h>
#include <sys/syscall.h>
#include <tessera/error.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <string>

namespace tessera::kernels {
namespace {

constexpr std::string_view kNames[] = {"scalar", "avx2", "avx512", "avx512vnni",
                                       "amx"};

struct Registers {
  unsigned eax = 0, ebx = 0, ecx = 0, edx = 0;
};

Registers Cpuid(unsigned leaf, unsigned subleaf) {
  Registers r;
  __get_cpuid_count(leaf, subleaf, &r.eax, &r.ebx, &r.ecx, &r.edx);
  return r;
}

constexpr bool Bit(unsigned word, unsigned bit) { return (word >> bit) & 1u; }

// Register state that the operating system saves (XGETBV, register 0); 0 when
// the CPU or the system has no XSAVE.
std::uint64_t SavedState(const Registers& leaf1) {
  if (!Bit(leaf1.ecx, 27)) return 0;
  unsigned low = 0, high = 0;
  __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  return (std::uint64_t{high} << 32) | low;
}

// Linux gives AMX tile data to a process only on request (arch_prctl
// ARCH_REQ_XCOMP_PERM, feature 18); old kernels and some VMs refuse.
bool RequestAmxPermission() {
  constexpr long kRequestPermission = 0x1023;
  constexpr long kTileData = 18;
  return syscall(SYS_arch_prctl, kRequestPermission, kTileData) == 0;
}

std::array<CpuFeature, 20> Detect() {
  const Registers leaf1 = Cpuid(1, 0);
  const Registers leaf7 = Cpuid(7, 0);
  const Registers leaf71 = Cpuid(7, 1);
  const std::uint64_t saved = SavedState(leaf1);
  const bool ymm = (saved & 0x6) == 0x6;
  const bool zmm = ymm && (saved & 0xe0) == 0xe0;
  const bool tiles = zmm && (saved & 0x60000) == 0x60000 &&
                     Bit(leaf7.edx, 24) && RequestAmxPermission();
  return {{{"avx2", Isa::kAvx2, ymm && Bit(leaf7.ebx, 5)},
           {"fma", Isa::kAvx2, ymm && Bit(leaf1.ecx, 12)},
           {"f16c", Isa::kAvx2, ymm && Bit(leaf1.ecx, 29)},
           {"bmi2", Isa::kAvx2, Bit(leaf7.ebx, 8)},
           {"avx512f", Isa::kAvx512, zmm && Bit(leaf7.ebx, 16)},
           {"avx512bw", Isa::kAvx512, zmm && Bit(leaf7.ebx, 30)},
           {"avx512cd", Isa::kAvx512, zmm && Bit(leaf7.ebx, 28)},
           {"avx512dq", Isa::kAvx512, zmm && Bit(leaf7.ebx, 17)},
           {"avx512vl", Isa::kAvx512, zmm && Bit(leaf7.ebx, 31)},
           {"avx512_vnni", Isa::kAvx512Vnni, zmm && Bit(leaf7.ecx, 11)},
           {"avx512_vbmi", Isa::kAvx512Vnni, zmm && Bit(leaf7.ecx, 1)},
           {"avx512_vbmi2", Isa::kAvx512Vnni, zmm && Bit(leaf7.ecx, 6)},
           {"avx512_bitalg", Isa::kAvx512Vnni, zmm && Bit(leaf7.ecx, 12)},
           {"avx512_vpopcntdq", Isa::kAvx512Vnni, zmm && Bit(leaf7.ecx, 14)},
           {"avx512_ifma", Isa::kAvx512Vnni, zmm && Bit(leaf7.ebx, 21)},
           {"avx512_bf16", Isa::kAmx, zmm && Bit(leaf71.eax, 5)},
           {"amx_tile", Isa::kAmx, tiles},
           {"amx_int8", Isa::kAmx, tiles && Bit(leaf7.edx, 25)},
           {"amx_bf16", Isa::kAmx, tiles && Bit(leaf7.edx, 22)},
           {"avx_vnni", {}, ymm && Bit(leaf71.eax, 4)}}};
}

bool Has(std::string_view feature) {
  return std::ranges::find(CpuFeatures(), feature, &CpuFeature::name)->present;
}

}  // namespace

std::string_view Name(Isa isa) noexcept {
  return kNames[static_cast<std::size_t>(isa)];
}

std::optional<Isa> ParseIsa(std::string_view name) noexcept {
  for (const Isa isa : kAllIsas) {
    if (Name(isa) == name) return isa;
  }
  return std::nullopt;
}

Isa DetectedIsa() noexcept {
  Isa detected = Isa::kAmx;
  for (const auto& [name, level, present] : CpuFeatures()) {
    if (present || !level || *level > detected) continue;
    detected = static_cast<Isa>(static_cast<int>(*level) - 1);
  }
  return detected;
}

bool HasFastBf16Dots() noexcept {
  static const bool fast = [] {
    const Registers leaf0 = Cpuid(0, 0);  // "Auth", "enti", "cAMD"
    return leaf0.ebx == 0x68747541u && leaf0.edx == 0x69746e65u &&
           leaf0.ecx == 0x444d4163u && Has("avx512_bf16");
  }();
  return fast;
}

bool HasAvxVnni() noexcept {
  static const bool has = DetectedIsa() >= Isa::kAvx2 && Has("avx_vnni");
  return has;
}

Isa ActiveIsa() noexcept {
  static const Isa active = [] {
    const char* request = std::getenv("TESSERA_ISA");
    const std::optional<Isa> cap = ParseIsa(request ? request : "");
    const Isa detected = DetectedIsa();
    return cap && *cap < detected ? *cap : detected;
  }();
  return active;
}

void CheckIsaRequest() {
  const char* request = std::getenv("TESSERA_ISA");
  if (!request || !*request || ParseIsa(request)) return;
  throw Error(
      "TESSERA_ISA: want scalar, avx2, avx512, avx512vnni or amx, "
      "found \"" +
      std::string(request) + "\"");
}

std::span<const CpuFeature> CpuFeatures() {
  static const auto features = Detect();
  return features;
}

}  // namespace tessera::kernels
