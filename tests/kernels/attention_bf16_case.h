// Batches of bf16 numbers for attention tests: made, run and checked.
#ifndef TESSERA_TESTS_KERNELS_ATTENTION_BF16_CASE_H_
#define TESSERA_TESTS_KERNELS_ATTENTION_BF16_CASE_H_

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "kernels/attention/attention_bf16.h"
#include "kernels/attention/cache/key_value_blocks_bf16.h"
#include "tests/kernels/attention_case.h"

namespace tessera::kernels {

inline std::vector<Bf16> Round(const std::vector<float>& values) {
  std::vector<Bf16> rounded;
  for (const float value : values) rounded.push_back(ToBf16(value));
  return rounded;
}

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

// Keys and values of a batch in pools of bf16 blocks, in scattered order; what
// no position wrote is NaN.
struct Bf16Cache {
  std::vector<Bf16> keys, values;
  std::vector<std::vector<std::int32_t>> tables;

  explicit Bf16Cache(const Batch& b) {
    const AttentionShape& s = b.shape;
    const BlockShape block{s.kv_heads, s.key_width, s.value_width};
    const std::size_t key_block = s.kv_heads * Bf16KeyElements(s.key_width);
    const std::size_t value_block =
        s.kv_heads * Bf16ValueElements(s.value_width);
    std::size_t blocks = 0, used = 0;
    for (std::size_t q = 0; q < b.size(); ++q) {
      blocks += BlocksFor(b.KeyCount(q));
    }
    keys.assign(blocks * key_block, ToBf16(kNan));
    values.assign(blocks * value_block, ToBf16(kNan));
    for (std::size_t q = 0; q < b.size(); ++q) {
      std::vector<std::int32_t>& table = tables.emplace_back();
      for (std::size_t p = 0; p < b.KeyCount(q); ++p) {
        if (p % kBlock == 0) {
          table.push_back(static_cast<std::int32_t>(blocks - 1 - used++));
        }
        const auto at = static_cast<std::size_t>(table.back());
        const std::size_t row = static_cast<std::size_t>(b.key_offsets[q]) + p;
        AppendPositionBf16(block, &b.keys[row * s.kv_heads * s.key_width],
                           &b.values[row * s.kv_heads * s.value_width],
                           p % kBlock, &keys[at * key_block],
                           &values[at * value_block]);
      }
    }
  }

  AttentionSequence Sequence(const Batch& b, std::size_t q) const {
    KeyValueBlocks cache;
    cache.table = tables[q].data();
    cache.length = b.KeyCount(q);
    cache.bf16_keys = keys.data();
    cache.bf16_values = values.data();
    return {.first_row = static_cast<std::size_t>(b.query_offsets[q]),
            .rows = b.QueryCount(q),
            .cache = cache,
            .query_lengths =
                b.query_lengths.empty() ? nullptr : b.query_lengths[q].data(),
            .bias = b.biases.empty() ? ScoreBias{} : b.biases[q],
            .mask = b.masks.empty() ? ScoreMask{} : b.masks[q]};
  }
};

enum class QueryType { kBf16, kF32 };

inline std::vector<float> RunCachedBf16(const Batch& b, std::size_t threads = 1,
                                        QueryType type = QueryType::kBf16,
                                        std::vector<float>* weights = nullptr) {
  const Bf16Cache cache(b);
  std::vector<AttentionSequence> sequences;
  std::vector<std::size_t> at;
  std::size_t size = 0;
  for (std::size_t q = 0; q < b.size(); ++q) {
    sequences.push_back(cache.Sequence(b, q));
    at.push_back(size);
    size += b.shape.heads * b.QueryCount(q) * b.KeyCount(q);
  }
  if (weights) {
    weights->assign(size, kNan);
    for (std::size_t q = 0; q < b.size(); ++q) {
      sequences[q].weights = weights->data() + at[q];
    }
  }
  ExecContext context(threads);
  const std::size_t width = b.shape.heads * b.shape.key_width;
  const std::size_t columns = b.shape.heads * b.shape.value_width;
  std::vector<float> out(b.rows() * columns, kNan);
  const Rows<float> view = Dense(out.data(), b.rows(), columns);
  if (type == QueryType::kF32) {
    const Rows<const float> queries = Dense(b.queries.data(), b.rows(), width);
    AttentionBf16(b.shape, queries, sequences, view, context);
  } else {
    const std::vector<Bf16> rounded = Round(b.queries);
    const Rows<const Bf16> queries = Dense(rounded.data(), b.rows(), width);
    AttentionBf16(b.shape, queries, sequences, view, context);
  }
  return out;
}

inline std::vector<float> RunRowsBf16(const Batch& b, std::size_t threads = 1) {
  const std::vector<Bf16> queries = Round(b.queries), keys = Round(b.keys),
                          values = Round(b.values);
  const AttentionShape& s = b.shape;
  const auto all_keys = static_cast<std::size_t>(b.key_offsets.back());
  const AttentionRowsBf16Input input = {
      Dense(queries.data(), b.rows(), s.heads * s.key_width),
      Dense(keys.data(), all_keys, s.kv_heads * s.key_width),
      Dense(values.data(), all_keys, s.kv_heads * s.value_width),
      b.query_offsets, b.key_offsets};
  ExecContext context(threads);
  const std::size_t columns = s.heads * s.value_width;
  std::vector<float> out(b.rows() * columns, kNan);
  AttentionRowsBf16(s, input, Dense(out.data(), b.rows(), columns), context);
  return out;
}

// Whether this process runs an implementation that rounds weights to bf16.
inline bool RoundsWeights() {
  const auto kernels = AttentionTileBf16Kernels();
  const auto best = Select(kernels);
  for (const auto& kernel : kernels) {
    if (kernel.run != best) continue;
    const std::string name = kernel.name;
    return name.ends_with("/avx512bf16") || name.ends_with("/amx");
  }
  return false;
}

// Whether sequences of n and of `other` queries run the same implementation.
inline bool SameImplementation(std::size_t n, std::size_t other) {
  const auto kernels = AttentionTileBf16Kernels();
  return Select(kernels) == Select(kernels.subspan(1)) ||
         (n < kAttentionBf16ManyRows) == (other < kAttentionBf16ManyRows);
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
