// Batches of bf16 numbers for attention tests: made, run and checked.
#ifndef TESSERA_TESTS_KERNELS_ATTENTION_BF16_CASE_H_
#define TESSERA_TESTS_KERNELS_ATTENTION_BF16_CASE_H_

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "kernels/attention/tile/tile.h"
#include "tests/kernels/attention_case.h"

namespace tessera::kernels {

inline void RoundInPlace(std::vector<float>& values) {
  for (float& value : values) value = ToFloat(ToBf16(value));
}

// A batch whose numbers are bf16, so that the oracle sees what kernels see.
inline Batch Bf16Batch(const AttentionShape& shape,
                       const std::vector<Lengths>& lengths, unsigned seed,
                       float query_scale = 1.0f) {
  Batch b = RandomBatch(shape, lengths, seed, query_scale);
  RoundInPlace(b.queries);
  RoundInPlace(b.keys);
  RoundInPlace(b.values);
  return b;
}

enum class QueryType { kBf16, kF32 };

inline std::vector<float> RunCachedBf16(const Batch& b, std::size_t threads = 1,
                                        QueryType type = QueryType::kBf16,
                                        std::vector<float>* weights = nullptr) {
  const std::vector<Bf16> rounded = Round(b.queries);
  const Rows<const Bf16> queries =
      Dense(rounded.data(), b.rows(), b.shape.heads * b.shape.key_width);
  return RunTyped(
      b, ElementType::kBf16,
      type == QueryType::kF32 ? b.input().queries : TypedRows(queries), threads,
      weights);
}

inline std::vector<float> RunRowsBf16(const Batch& b, std::size_t threads = 1) {
  const std::vector<Bf16> queries = Round(b.queries), keys = Round(b.keys),
                          values = Round(b.values);
  AttentionRowsInput input = b.input();
  const auto round = [](TypedRows& rows, const std::vector<Bf16>& numbers) {
    rows = Dense(numbers.data(), rows.rows, rows.cols);
  };
  round(input.queries, queries);
  round(input.keys, keys);
  round(input.values, values);
  return RunInput(b, input, threads);
}

inline const TileChoice& Bf16Tiles() {
  return ChooseTiles(ElementType::kBf16, Score::kDot);
}

// Whether this process runs an implementation that rounds weights to bf16.
inline bool RoundsWeights() {
  const std::string name = Bf16Tiles().best->name;
  return name.ends_with("/avx512bf16") || name.ends_with("/amx");
}

// Whether sequences of n and of `other` queries run the same implementation.
inline bool SameImplementation(std::size_t n, std::size_t other) {
  return &Bf16Tiles().For(n) == &Bf16Tiles().For(other);
}

inline double Bf16Tolerance(const reference::AttentionResult& expected) {
  if (!RoundsWeights()) return Tolerance(expected);
  return static_cast<double>(kAttentionBf16MaxError) *
         std::max(expected.largest_value, 1e-30) * expected.largest_sum;
}

inline void ExpectBf16Near(const Batch& b, const std::vector<float>& out,
                           const std::string& what) {
  const AttentionShape& s = b.shape;
  const std::size_t columns = s.heads * s.value_width;
  double sum = 0, scale = 0;
  for (std::size_t q = 0; q < b.size(); ++q) {
    const auto first = static_cast<std::size_t>(b.query_offsets[q]);
    for (std::size_t head = 0; head < s.heads; ++head) {
      const auto expected = reference::Attention(ReferenceCase(b, q, head));
      const double tolerance = Bf16Tolerance(expected);
      for (std::size_t e = 0; e < expected.out.size(); ++e) {
        const double got =
            static_cast<double>(out[(first + e / s.value_width) * columns +
                                    head * s.value_width + e % s.value_width]);
        ASSERT_NEAR(got, expected.out[e], tolerance)
            << what << ": sequence " << q << " head " << head << " element "
            << e;
        sum += std::fabs(got - expected.out[e]);
        scale += expected.largest_value * expected.largest_sum;
      }
    }
  }
  EXPECT_LE(sum, static_cast<double>(kAttentionBf16MeanError) * scale) << what;
}

}  // namespace tessera::kernels

#endif  // TESSERA_TESTS_KERNELS_ATTENTION_BF16_CASE_H_
