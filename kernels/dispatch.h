// Lists of a kernel's implementations, and the choice of one.
#ifndef TESSERA_KERNELS_DISPATCH_H_
#define TESSERA_KERNELS_DISPATCH_H_

#include <span>

#include "kernels/isa.h"

namespace tessera::kernels {

// One way to run a kernel, with the level it needs. A list has the best first;
// a call goes to the first row that its level allows and that takes it.
template <class Fn>
struct Implementation {
  Isa isa;
  const char* name;  // "SoftmaxRows/avx2"
  Fn* run;
  // Whether it is used at a level that has what it needs; nullptr: at all.
  bool (*usable)(Isa level) noexcept = nullptr;
  // The calls it takes, for people: "W >= 1 Mi weights"; nullptr: all. These
  // words stand beside the number by which the operation decides.
  const char* when = nullptr;

  // Whether a CPU of this level runs it.
  bool RunsOn(Isa level) const noexcept {
    return isa <= level && (!usable || usable(level));
  }
};

// The first implementation that ActiveIsa() allows and that takes every call. A
// Row is an Implementation, or one that knows more.
template <class Row>
auto Select(std::span<const Row> kernels) noexcept {
  for (const Row& kernel : kernels) {
    if (kernel.RunsOn(ActiveIsa()) && !kernel.when) return kernel.run;
  }
  return kernels.back().run;
}

}  // namespace tessera::kernels

#endif  // TESSERA_KERNELS_DISPATCH_H_
