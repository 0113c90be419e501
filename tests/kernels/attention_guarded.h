// Attention with every operand against a guard page, of f32 or bf16 numbers.
#ifndef TESSERA_TESTS_KERNELS_ATTENTION_GUARDED_H_
#define TESSERA_TESTS_KERNELS_ATTENTION_GUARDED_H_

#include <gtest/gtest.h>

#include <type_traits>
#include <vector>

#include "tests/kernels/attention_case.h"
#include "tests/kernels/guard_pages.h"

namespace tessera::kernels {

template <class T>
std::vector<T> NumbersAs(const std::vector<float>& values) {
  if constexpr (std::is_same_v<T, Bf16>) {
    return Round(values);
  } else {
    return values;
  }
}

template <class T>
std::vector<float> RunRowsGuarded(const Batch& b, GuardSide side) {
  const GuardPages<T> queries(NumbersAs<T>(b.queries), side);
  const GuardPages<T> keys(NumbersAs<T>(b.keys), side);
  const GuardPages<T> values(NumbersAs<T>(b.values), side);
  const AttentionShape& s = b.shape;
  const std::size_t columns = s.heads * s.value_width;
  const GuardPages<float> out(std::vector<float>(b.rows() * columns), side);
  const auto all_keys = static_cast<std::size_t>(b.key_offsets.back());
  ExecContext context;
  AttentionRows(
      s,
      {Dense<const T>(queries.data(), b.rows(), s.heads * s.key_width),
       Dense<const T>(keys.data(), all_keys, s.kv_heads * s.key_width),
       Dense<const T>(values.data(), all_keys, s.kv_heads * s.value_width),
       b.query_offsets, b.key_offsets},
      Dense(out.data(), b.rows(), columns), context);
  return {out.data(), out.data() + b.rows() * columns};
}

// From a cache whose pools touch guard pages.
template <class T>
std::vector<float> RunCacheGuarded(const Batch& b, GuardSide side) {
  const Cache cache(
      b, std::is_same_v<T, Bf16> ? ElementType::kBf16 : ElementType::kF32);
  const GuardPages<Bf16> keys(cache.keys, side), values(cache.values, side);
  const GuardPages<T> queries(NumbersAs<T>(b.queries), side);
  const std::size_t columns = b.shape.heads * b.shape.value_width;
  const GuardPages<float> out(std::vector<float>(b.rows() * columns), side);
  std::vector<AttentionSequence> sequences;
  for (std::size_t q = 0; q < b.size(); ++q) {
    sequences.push_back(cache.Sequence(b, q));
    sequences.back().cache.keys = keys.data();
    sequences.back().cache.values = values.data();
  }
  ExecContext context;
  Attention(b.shape,
            Dense<const T>(queries.data(), b.rows(),
                           b.shape.heads * b.shape.key_width),
            sequences, Dense(out.data(), b.rows(), columns), context);
  return {out.data(), out.data() + b.rows() * columns};
}

// `batch` makes a batch as RandomBatch does, `run` what it gives unguarded.
template <class T, class MakeBatch, class Run>
void ExpectOperandsAloneAreTouched(MakeBatch&& batch, Run&& run) {
  for (const std::size_t width : {1u, 8u, 15u, 20u, 33u, 64u}) {
    for (const bool causal : {false, true}) {
      const Batch b = batch(Shape(2, 2, width, width + 3, causal),
                            {{1, 1}, {17, 17}, {5, 30}, {40, 533}}, 1);
      const std::vector<float> expected = run(b);
      for (const GuardSide side : {GuardSide::kFront, GuardSide::kBack}) {
        EXPECT_EQ(expected, RunRowsGuarded<T>(b, side)) << "width " << width;
        EXPECT_EQ(expected, RunCacheGuarded<T>(b, side)) << "width " << width;
      }
    }
  }
}

}  // namespace tessera::kernels

#endif  // TESSERA_TESTS_KERNELS_ATTENTION_GUARDED_H_
