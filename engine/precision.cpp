// The table behind Precision::kAuto.
#include "engine/precision.h"

namespace tessera::engine {

using kernels::ElementType;
using kernels::Isa;

// Measured on Zen 5, one thread, tokens/s of int8 over those of float32
// (bench/engine/translate_bench, the bundled model): 2.4 to 3.0 at avx512vnni.
// Products alone (bench/kernels/packed_matrix_bench) gain 1.7 at avx512 and 1.6
// at avx2 without VNNI where M = 128, and more where weights are streamed.
// Integers give the same sums at every level, so that quality is the same too:
// on the public test BLEU 56.45 after 56.48, 94.8 % of greedy outputs the same.
WeightChoice WeightsOf(Precision precision, Isa level) noexcept {
  if (precision == Precision::kInt8) return {ElementType::kS8, "asked for"};
  if (precision == Precision::kF32) return {ElementType::kF32, "asked for"};
  if (level == Isa::kScalar) {
    return {ElementType::kF32, "faster than int8 without SIMD"};
  }
  return {ElementType::kS8, "the fastest that keeps the quality of f32"};
}

}  // namespace tessera::engine
