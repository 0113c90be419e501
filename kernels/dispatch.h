// Lists of a kernel's implementations, and the choice of one.
#ifndef TESSERA_KERNELS_DISPATCH_H_
#define TESSERA_KERNELS_DISPATCH_H_

#include <span>

#include "kernels/isa.h"

namespace tessera::kernels {

// One way to run a kernel, with the level it needs.
template <class Fn>
struct Implementation {
  Isa isa;
  const char* name;  // "SoftmaxRows/avx2"
  Fn* run;
  bool (*usable)() noexcept = nullptr;  // what it needs beyond the level
  const char* when = nullptr;           // which calls it serves; nullptr: all

  // Whether a CPU of this level runs it.
  bool RunsOn(Isa level) const noexcept {
    return isa <= level && (!usable || usable());
  }
};

// The first implementation, lists being best first, that ActiveIsa() allows. A
// Row is an Implementation, or one that knows more.
template <class Row>
auto Select(std::span<const Row> kernels) noexcept {
  for (const Row& kernel : kernels) {
    if (kernel.RunsOn(ActiveIsa())) return kernel.run;
  }
  return kernels.back().run;
}

}  // namespace tessera::kernels

#endif  // TESSERA_KERNELS_DISPATCH_H_
