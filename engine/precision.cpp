// The table behind Precision::kAuto.
#include "engine/precision.h"

namespace tessera::engine {

using kernels::ElementType;

// One choice for every level, by measurement on Zen 5 with one thread. Tokens/s
// of int8 over those of float32 (bench/engine/translate_bench, the bundled
// model): 2.4 to 3.0 at avx512vnni. Products alone (packed_matrix_bench, M =
// 128): 4.0 at avx512vnni, 3.9 at avx2 with AVX-VNNI, 1.7 at avx512 and 1.6 at
// avx2 without VNNI, 2.0 at scalar; more where weights are streamed. On the
// public test BLEU 56.92 after 56.80, 94.1 % of greedy outputs the same (94.8 %
// with keys and values in f32). bf16 keeps 99.0 % of them, in twice the memory
// of int8.
//
// Below f32 decoding keeps keys and values in bf16 (Decoder::CacheType).
// Batches of 32 in int8 then have 1.02 (avx2, avx512) to 1.06 times
// (avx512vnni) the tokens/s at OPUS-MT's size with 4 beams, 1.09 at
// FLAN-T5-base's, in 0.8 times the memory.
WeightChoice WeightsOf(Precision precision) noexcept {
  if (precision == Precision::kInt8) return {ElementType::kS8, "asked for"};
  if (precision == Precision::kBf16) return {ElementType::kBf16, "asked for"};
  if (precision == Precision::kF32) return {ElementType::kF32, "asked for"};
  return {ElementType::kS8, "the fastest that keeps the quality of f32"};
}

}  // namespace tessera::engine
