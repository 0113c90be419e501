// The data of an attention case: random queries, keys and values of a batch, in
// plain rows and in cache layout.
#ifndef TESSERA_BENCH_KERNELS_ATTENTION_PROBLEM_H_
#define TESSERA_BENCH_KERNELS_ATTENTION_PROBLEM_H_

#include <algorithm>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "kernels/attention/attention.h"

namespace tessera::kernels {

struct AttentionCase {
  std::string name;
  std::vector<std::size_t> queries;  // of each sequence
  std::vector<std::size_t> keys;
  std::size_t heads = 8;
  std::size_t width = 64;  // of keys and values; additive: hidden width too
  bool causal = false;
  bool from_rows = false;  // else keys and values are in cache layout
  bool additive = false;   // from rows
  bool bf16 = false;       // queries, keys and values
  std::size_t threads = 1;
};

class AttentionProblem {
 public:
  explicit AttentionProblem(const AttentionCase& c)
      : case_(c), shape_(SelfAttentionShape(c.heads, c.width, c.causal)) {
    for (const std::size_t n : c.queries) query_offsets_.push_back(Next(0, n));
    for (const std::size_t m : c.keys) key_offsets_.push_back(Next(1, m));
    queries_ = Random(rows_[0] * columns());
    keys_ = Random(rows_[1] * columns());
    values_ = Random(rows_[1] * columns());
    score_weights_ = Random(columns());
    out_.resize(queries_.size());
    if (c.additive) {
      shape_.score = Score::kAdditive;
      shape_.score_weights = score_weights_.data();
    }
    if (c.bf16) {
      bf16_queries_ = Rounded(queries_);
      bf16_keys_ = Rounded(keys_);
      bf16_values_ = Rounded(values_);
    }
    if (!c.from_rows) Pack();
  }

  void Run(ExecContext& context) {
    const Rows<float> out = Dense(out_.data(), rows_[0], columns());
    if (case_.from_rows) {
      AttentionRows(shape_,
                    {.queries = queries(),
                     .keys = keys(),
                     .values = values(),
                     .query_offsets = query_offsets_,
                     .key_offsets = key_offsets_},
                    out, context);
    } else {
      Attention(shape_, queries(), sequences_, out, context);
    }
  }

  // Pairs of a query and a key it sees, over all heads: needed work only.
  double Pairs() const {
    std::size_t pairs = 0;
    for (std::size_t b = 0; b < case_.queries.size(); ++b) {
      const std::size_t n = case_.queries[b], m = case_.keys[b];
      for (std::size_t i = 0; i < n; ++i) {
        pairs += case_.causal ? std::min(m, i + 1 + m - n) : m;
      }
    }
    return static_cast<double>(pairs * case_.heads);
  }
  double Flops() const {
    return 4 * Pairs() * static_cast<double>(case_.width);
  }
  // Keys and values, once each.
  double Bytes() const {
    const std::size_t size = case_.bf16 ? sizeof(Bf16) : sizeof(float);
    return static_cast<double>(2 * size * rows_[1] * columns());
  }

 private:
  std::size_t columns() const { return case_.heads * case_.width; }
  TypedRows Matrix(const std::vector<float>& f32, const std::vector<Bf16>& bf16,
                   std::size_t rows) const {
    if (case_.bf16) return Dense(bf16.data(), rows, columns());
    return Dense(f32.data(), rows, columns());
  }
  TypedRows queries() const {
    return Matrix(queries_, bf16_queries_, rows_[0]);
  }
  TypedRows keys() const { return Matrix(keys_, bf16_keys_, rows_[1]); }
  TypedRows values() const { return Matrix(values_, bf16_values_, rows_[1]); }
  std::int32_t Next(std::size_t which, std::size_t rows) {
    return static_cast<std::int32_t>(rows_[which] += rows);
  }

  static std::vector<float> Random(std::size_t n) {
    std::mt19937 engine(1);
    std::normal_distribution<float> normal;
    std::vector<float> values(n);
    for (float& value : values) value = normal(engine);
    return values;
  }

  static std::vector<Bf16> Rounded(const std::vector<float>& values) {
    std::vector<Bf16> rounded;
    for (const float value : values) rounded.push_back(ToBf16(value));
    return rounded;
  }

  void Pack() {
    const BlockLayout layout = {
        .kv_heads = case_.heads,
        .key_width = case_.width,
        .value_width = case_.width,
        .type = case_.bf16 ? ElementType::kBf16 : ElementType::kF32};
    std::size_t blocks = 0;
    for (const std::size_t m : case_.keys) blocks += BlocksFor(m);
    key_blocks_ = AlignedBuffer<std::byte>(blocks * layout.key_bytes());
    value_blocks_ = AlignedBuffer<std::byte>(blocks * layout.value_bytes());
    KeyValueBlock block = {key_blocks_.data(), value_blocks_.data()};
    for (std::size_t b = 0; b < case_.keys.size(); ++b) {
      const std::size_t m = case_.keys[b];
      const auto first = static_cast<std::size_t>(key_offsets_[b]);
      sequences_.push_back(
          {.first_row = static_cast<std::size_t>(query_offsets_[b]),
           .rows = case_.queries[b],
           .cache = {.type = layout.type,
                     .keys = block.keys,
                     .values = block.values,
                     .length = m}});
      for (std::size_t j = 0; j < m; j += kPositionsPerBlock) {
        const std::size_t rows = std::min(kPositionsPerBlock, m - j);
        PackPositions(layout, keys().Slice(first + j, rows),
                      values().Slice(first + j, rows), block);
        block.keys = static_cast<std::byte*>(block.keys) + layout.key_bytes();
        block.values =
            static_cast<std::byte*>(block.values) + layout.value_bytes();
      }
    }
  }

  AttentionCase case_;
  AttentionShape shape_;
  std::size_t rows_[2] = {0, 0};  // of queries, of keys
  std::vector<std::int32_t> query_offsets_{0}, key_offsets_{0};
  std::vector<float> queries_, keys_, values_;  // f32 [rows, H * d]
  std::vector<float> score_weights_, out_;      // f32 [H, h], [rows, H * d]
  std::vector<Bf16> bf16_queries_, bf16_keys_, bf16_values_;  // the same
  AlignedBuffer<std::byte> key_blocks_, value_blocks_;  // see KeyValueBlocks
  std::vector<AttentionSequence> sequences_;
};

}  // namespace tessera::kernels

#endif  // TESSERA_BENCH_KERNELS_ATTENTION_PROBLEM_H_
