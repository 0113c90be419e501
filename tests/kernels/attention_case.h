// Ragged batches for attention tests: made, run and checked against float64.
#ifndef TESSERA_TESTS_KERNELS_ATTENTION_CASE_H_
#define TESSERA_TESTS_KERNELS_ATTENTION_CASE_H_

#include <gtest/gtest.h>

#include <algorithm>
#include <cfloat>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "kernels/attention/attention.h"
#include "tests/kernels/kernel_test.h"
#include "tests/reference/attention.h"

namespace tessera::kernels {

inline constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

// Queries, keys and values of a ragged batch in plain rows, and what queries
// may see of them beyond what the shape says.
struct Batch {
  AttentionShape shape;
  std::vector<std::int32_t> query_offsets{0}, key_offsets{0};
  std::vector<float> queries{}, keys{}, values{};
  // By sequence; empty: none. See AttentionSequence.
  std::vector<std::vector<std::int32_t>> query_lengths{};
  std::vector<ScoreBias> biases{};
  std::vector<ScoreMask> masks{};
  std::vector<float> score_weights{};  // [H, K]: additive scores

  std::size_t size() const { return key_offsets.size() - 1; }
  std::size_t rows() const {
    return static_cast<std::size_t>(query_offsets.back());
  }
  std::size_t QueryCount(std::size_t b) const {
    return static_cast<std::size_t>(query_offsets[b + 1] - query_offsets[b]);
  }
  std::size_t KeyCount(std::size_t b) const {
    return static_cast<std::size_t>(key_offsets[b + 1] - key_offsets[b]);
  }
  // The shape, with additive scores if there are weights for them.
  AttentionShape ShapeAndScore() const {
    AttentionShape with = shape;
    if (!score_weights.empty()) with.score = Score::kAdditive;
    with.score_weights = score_weights.data();
    return with;
  }
  AttentionRowsInput input() const {
    const auto all_keys = static_cast<std::size_t>(key_offsets.back());
    return {Dense(queries.data(), rows(), shape.heads * shape.key_width),
            Dense(keys.data(), all_keys, shape.kv_heads * shape.key_width),
            Dense(values.data(), all_keys, shape.kv_heads * shape.value_width),
            query_offsets, key_offsets};
  }
};

struct Lengths {
  int n, m;
};

inline Batch RandomBatch(const AttentionShape& shape,
                         const std::vector<Lengths>& lengths, unsigned seed,
                         float query_scale = 1.0f) {
  Batch b{.shape = shape};
  for (const auto [n, m] : lengths) {
    b.query_offsets.push_back(b.query_offsets.back() + n);
    b.key_offsets.push_back(b.key_offsets.back() + m);
  }
  const auto keys = static_cast<std::size_t>(b.key_offsets.back());
  b.queries =
      RandomNormal(b.rows() * shape.heads * shape.key_width, seed, query_scale);
  b.keys = RandomNormal(keys * shape.kv_heads * shape.key_width, seed + 1);
  b.values = RandomNormal(keys * shape.kv_heads * shape.value_width, seed + 2);
  return b;
}

inline AttentionShape Shape(std::size_t heads, std::size_t kv_heads,
                            std::size_t k, std::size_t c, bool causal) {
  AttentionShape shape = SelfAttentionShape(heads, k, causal);
  shape.kv_heads = kv_heads;
  shape.value_width = c;
  return shape;
}

// Whether query i of n sees key j of m, from the definitions.
inline bool SeesKey(const Batch& b, std::size_t sequence, std::size_t head,
                    std::size_t query, std::size_t key) {
  const auto j = static_cast<std::ptrdiff_t>(key);
  const auto p = static_cast<std::ptrdiff_t>(query + b.KeyCount(sequence)) -
                 static_cast<std::ptrdiff_t>(b.QueryCount(sequence));
  const auto window = static_cast<std::ptrdiff_t>(b.shape.window);
  if (b.shape.causal && j > p) return false;
  if (window > 0 && (j - p >= window || p - j >= window)) return false;
  if (!b.query_lengths.empty() && j >= b.query_lengths[sequence][query]) {
    return false;
  }
  if (b.masks.empty()) return true;
  const ScoreMask& mask = b.masks[sequence];
  return mask.data[head * mask.head_stride + query * mask.row_stride + key];
}

inline std::vector<double> Widen(const float* from, std::size_t rows,
                                 std::size_t stride, std::size_t width) {
  std::vector<double> out;
  for (std::size_t r = 0; r < rows; ++r) {
    for (std::size_t i = 0; i < width; ++i) {
      out.push_back(static_cast<double>(from[r * stride + i]));
    }
  }
  return out;
}

// One head of one sequence as the oracle takes it.
inline reference::AttentionCase ReferenceCase(const Batch& b,
                                              std::size_t sequence,
                                              std::size_t head) {
  const AttentionShape& s = b.shape;
  const std::size_t kv_head = head / (s.heads / s.kv_heads);
  const auto q0 = static_cast<std::size_t>(b.query_offsets[sequence]);
  const auto k0 = static_cast<std::size_t>(b.key_offsets[sequence]);
  const std::size_t q_stride = s.heads * s.key_width;
  const std::size_t k_stride = s.kv_heads * s.key_width;
  const std::size_t v_stride = s.kv_heads * s.value_width;
  reference::AttentionCase c;
  c.n = b.QueryCount(sequence);
  c.m = b.KeyCount(sequence);
  c.key_width = s.key_width;
  c.value_width = s.value_width;
  c.scale = static_cast<double>(s.scale);
  c.relu = s.normaliser == Normaliser::kRelu;
  c.sees = [&b, sequence, head](std::size_t i, std::size_t j) {
    return SeesKey(b, sequence, head, i, j);
  };
  if (!b.score_weights.empty()) {
    c.score_weights =
        Widen(&b.score_weights[head * s.key_width], 1, 0, s.key_width);
  }
  if (!b.biases.empty()) {
    const ScoreBias bias = b.biases[sequence];
    c.bias = [bias, head](std::size_t i, std::size_t j) {
      return static_cast<double>(
          bias.data[static_cast<std::ptrdiff_t>(head) * bias.head_stride +
                    static_cast<std::ptrdiff_t>(i) * bias.row_stride +
                    static_cast<std::ptrdiff_t>(j)]);
    };
  }
  c.queries = Widen(b.queries.data() + q0 * q_stride + head * s.key_width, c.n,
                    q_stride, s.key_width);
  c.keys = Widen(b.keys.data() + k0 * k_stride + kv_head * s.key_width, c.m,
                 k_stride, s.key_width);
  c.values = Widen(b.values.data() + k0 * v_stride + kv_head * s.value_width,
                   c.m, v_stride, s.value_width);
  return c;
}

inline double Tolerance(const reference::AttentionResult& expected) {
  return (static_cast<double>(kAttentionMaxError) +
          4.0 * static_cast<double>(FLT_EPSILON) * expected.largest_score) *
         std::max(expected.largest_value, 1e-30) * expected.largest_sum;
}

inline void ExpectNear(const Batch& b, const std::vector<float>& out,
                       const std::string& what) {
  const AttentionShape& s = b.shape;
  for (std::size_t sequence = 0; sequence < b.size(); ++sequence) {
    const auto q0 = static_cast<std::size_t>(b.query_offsets[sequence]);
    for (std::size_t head = 0; head < s.heads; ++head) {
      const reference::AttentionResult expected =
          reference::Attention(ReferenceCase(b, sequence, head));
      const double tolerance = Tolerance(expected);
      for (std::size_t e = 0; e < expected.out.size(); ++e) {
        const std::size_t row = q0 + e / s.value_width;
        const float got = out[row * s.heads * s.value_width +
                              head * s.value_width + e % s.value_width];
        ASSERT_NEAR(static_cast<double>(got), expected.out[e], tolerance)
            << what << ": sequence " << sequence << " head " << head
            << " element " << e;
      }
    }
  }
}

inline std::vector<Bf16> Round(const std::vector<float>& values) {
  std::vector<Bf16> rounded;
  for (const float value : values) rounded.push_back(ToBf16(value));
  return rounded;
}

inline std::vector<float> RunInput(const Batch& b,
                                   const AttentionRowsInput& input,
                                   std::size_t threads = 1) {
  ExecContext context(threads);
  const std::size_t columns = b.shape.heads * b.shape.value_width;
  std::vector<float> out(b.rows() * columns, kNan);
  AttentionRows(b.ShapeAndScore(), input, Dense(out.data(), b.rows(), columns),
                context);
  return out;
}

inline std::vector<float> RunRows(const Batch& b, std::size_t threads = 1) {
  return RunInput(b, b.input(), threads);
}

// Keys and values of a batch in pools of blocks, in scattered order; what no
// position wrote is NaN.
struct Cache {
  BlockLayout layout;
  std::vector<Bf16> keys, values, raw_keys;  // or f32, two to an element
  std::vector<std::vector<std::int32_t>> tables{};

  explicit Cache(const Batch& b, ElementType type = ElementType::kF32)
      : layout{.kv_heads = b.shape.kv_heads,
               .key_width = b.shape.key_width,
               .value_width = b.shape.value_width,
               .type = type,
               .raw_keys = !b.score_weights.empty()} {
    std::size_t blocks = 0, used = 0;
    for (std::size_t q = 0; q < b.size(); ++q) {
      blocks += BlocksFor(b.KeyCount(q));
    }
    keys.assign(blocks * layout.key_bytes() / sizeof(Bf16), ToBf16(kNan));
    values.assign(blocks * layout.value_bytes() / sizeof(Bf16), ToBf16(kNan));
    if (layout.raw_keys) raw_keys = keys;
    const AttentionRowsInput input = b.input();
    for (std::size_t q = 0; q < b.size(); ++q) {
      std::vector<std::int32_t>& table = tables.emplace_back();
      for (std::size_t p = 0; p < b.KeyCount(q); ++p) {
        if (p % kPositionsPerBlock == 0) {
          // Blocks are handed out from the back of the pool.
          table.push_back(static_cast<std::int32_t>(blocks - 1 - used++));
        }
        const std::size_t row = static_cast<std::size_t>(b.key_offsets[q]) + p;
        AppendPositions(layout, input.keys.Slice(row, 1),
                        input.values.Slice(row, 1), p % kPositionsPerBlock,
                        At(static_cast<std::size_t>(table.back())));
      }
    }
  }
  KeyValueBlock At(std::size_t block) {
    const std::size_t key = block * layout.key_bytes() / sizeof(Bf16);
    const std::size_t value = block * layout.value_bytes() / sizeof(Bf16);
    return {keys.data() + key, values.data() + value,
            layout.raw_keys ? raw_keys.data() + key : nullptr};
  }
  AttentionSequence Sequence(const Batch& b, std::size_t q) const {
    return {.first_row = static_cast<std::size_t>(b.query_offsets[q]),
            .rows = b.QueryCount(q),
            .cache = {.type = layout.type,
                      .keys = keys.data(),
                      .values = values.data(),
                      .table = tables[q].data(),
                      .length = b.KeyCount(q),
                      .raw_keys = raw_keys.data()},
            .query_lengths =
                b.query_lengths.empty() ? nullptr : b.query_lengths[q].data(),
            .bias = b.biases.empty() ? ScoreBias{} : b.biases[q],
            .mask = b.masks.empty() ? ScoreMask{} : b.masks[q]};
  }
};

// From a cache of a type. With `weights` all sequences' weights are written
// behind one another.
inline std::vector<float> RunTyped(const Batch& b, ElementType cache_type,
                                   const TypedRows& queries,
                                   std::size_t threads,
                                   std::vector<float>* weights) {
  const Cache cache(b, cache_type);
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
  const std::size_t columns = b.shape.heads * b.shape.value_width;
  std::vector<float> out(b.rows() * columns, kNan);
  Attention(b.ShapeAndScore(), queries, sequences,
            Dense(out.data(), b.rows(), columns), context);
  return out;
}

inline std::vector<float> RunCached(const Batch& b, std::size_t threads = 1,
                                    std::vector<float>* weights = nullptr) {
  return RunTyped(b, ElementType::kF32, b.input().queries, threads, weights);
}

inline void ExpectWeightsNear(const Batch& b,
                              const std::vector<float>& weights) {
  std::size_t at = 0;
  for (std::size_t q = 0; q < b.size(); ++q) {
    for (std::size_t head = 0; head < b.shape.heads; ++head) {
      const auto expected = reference::Attention(ReferenceCase(b, q, head));
      for (const double weight : expected.weights) {
        const double got = static_cast<double>(weights[at++]);
        ASSERT_NEAR(got, weight, 4e-6 * expected.largest_sum)
            << "sequence " << q << " head " << head;
        if (weight == 0.0) {
          ASSERT_EQ(got, 0.0) << "a key that is not seen";
        }
      }
    }
  }
}

}  // namespace tessera::kernels

#endif  // TESSERA_TESTS_KERNELS_ATTENTION_CASE_H_
