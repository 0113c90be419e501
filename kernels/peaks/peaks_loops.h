// The timed loops of each ISA, as peaks.cpp calls them.
#ifndef TESSERA_KERNELS_PEAKS_PEAKS_LOOPS_H_
#define TESSERA_KERNELS_PEAKS_PEAKS_LOOPS_H_

#include <cstddef>

namespace tessera::kernels {

struct LoopResult {
  double work;  // flops done or bytes read
  float value;  // what came of it, so that it has to be done
};

using FmaLoop = LoopResult(std::size_t iterations) noexcept;
using ReadLoop = LoopResult(const float* x, std::size_t n,
                            std::size_t passes) noexcept;

// peaks_<isa>.cpp
FmaLoop FmaLoopScalar, FmaLoopAvx2, FmaLoopAvx512;
ReadLoop ReadLoopScalar, ReadLoopAvx2, ReadLoopAvx512;

// peaks_dots_<isa>.cpp
FmaLoop DotLoopAvx2, DotLoopAvxVnni, DotLoopAvx512, DotLoopAvx512Vnni;

}  // namespace tessera::kernels

#endif  // TESSERA_KERNELS_PEAKS_PEAKS_LOOPS_H_
