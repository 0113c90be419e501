// What this machine can do, measured in the process that reports against it.
#ifndef TESSERA_KERNELS_PEAKS_PEAKS_H_
#define TESSERA_KERNELS_PEAKS_PEAKS_H_

#include <cstddef>

#include "kernels/isa.h"

namespace tessera::kernels {

// All take 5 to 10 ms of one thread. Clocks move: call them right before and
// right after a case and compare with the larger.

// Fused multiply-adds on registers of that level, in flop/s (an FMA is two).
// kScalar: mulps and addps of baseline x86-64, which is what a compiler makes
// of scalar code at best. Levels above kAvx512 have its registers.
double FmaPeak(Isa isa);

// Multiply-adds of 8-bit integers, in op/s, with groups of `inner`, as
// ProductKernel has them. kScalar: FmaPeak().
double DotPeak(Isa isa, std::size_t inner);

// Reads of a working set of `bytes`, over and over, in bytes/s.
double ReadBandwidth(Isa isa, std::size_t bytes);

}  // namespace tessera::kernels

#endif  // TESSERA_KERNELS_PEAKS_PEAKS_H_
