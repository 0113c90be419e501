// Attention tiles of any type and score in plain C++: one query at a time, one
// chunk of keys at a time.
#include <algorithm>
#include <cmath>
#include <limits>

#include "kernels/attention/tile/tile.h"

namespace tessera::kernels {
namespace {

constexpr float kMinusInfinity = -std::numeric_limits<float>::infinity();

// Element `at` of numbers of a type.
float Element(ElementType type, const void* numbers, std::size_t at) {
  return type == ElementType::kBf16
             ? ToFloat(static_cast<const Bf16*>(numbers)[at])
             : static_cast<const float*>(numbers)[at];
}

float Query(const AttentionTileArgs& a, std::size_t row, std::size_t k) {
  return Element(a.query_type, a.queries, row * a.query_stride + k);
}

// The block of a pool that holds a key.
const void* BlockOf(const AttentionTileArgs& a, const void* pool,
                    std::size_t bytes, std::size_t key) {
  const std::size_t block = key / kPositionsPerBlock;
  return static_cast<const char*>(pool) +
         (a.table ? static_cast<std::size_t>(a.table[block]) : block) * bytes;
}

// Element k of a key, of `keys` or of `raw_keys`.
float Key(const AttentionTileArgs& a, const void* pool, std::size_t key,
          std::size_t k) {
  const std::size_t word = PerWord(a.type), lane = key % kPositionsPerBlock;
  return Element(a.type, BlockOf(a, pool, a.key_block_bytes, key),
                 (k / word * kPositionsPerBlock + lane) * word + k % word);
}

float Value(const AttentionTileArgs& a, std::size_t key, std::size_t c) {
  const std::size_t word = PerWord(a.type), lane = key % kPositionsPerBlock;
  const auto* const block =
      static_cast<const char*>(BlockOf(a, a.values, a.value_block_bytes, key));
  return Element(a.type, block + lane / word * a.value_row_bytes,
                 c * word + lane % word);
}

// Where key j of a row stands.
std::size_t Place(const AttentionTileArgs& a, std::size_t row, std::size_t j) {
  return a.places ? static_cast<std::size_t>(a.places[row * a.place_stride + j])
                  : j;
}

float Dot(const AttentionTileArgs& a, std::size_t row, std::size_t place) {
  float sum = 0.0f;
  for (std::size_t k = 0; k < a.query_width; ++k) {
    sum += Query(a, row, k) * a.scale * Key(a, a.keys, place, k);
  }
  return sum;
}

float Additive(const AttentionTileArgs& a, std::size_t row, std::size_t place) {
  float sum = 0.0f;
  for (std::size_t k = 0; k < a.query_width; ++k) {
    sum += a.score_weights[k] *
           std::tanh(Query(a, row, k) + Key(a, a.raw_keys, place, k));
  }
  return sum;
}

bool Sees(const AttentionTileArgs& a, std::size_t row, std::size_t key) {
  return key >= static_cast<std::size_t>(a.begins[row]) &&
         key < static_cast<std::size_t>(a.ends[row]) &&
         (!a.allowed || a.allowed[row * a.allowed_stride + key]);
}

// The score of a key that the row sees.
float ScoreOf(const AttentionTileArgs& a, std::size_t row, std::size_t key) {
  const std::size_t place = Place(a, row, key);
  const float score = a.score == Score::kAdditive ? Additive(a, row, place)
                                                  : Dot(a, row, place);
  if (!a.bias) return score;
  return score + a.bias[static_cast<std::ptrdiff_t>(row) * a.bias_stride +
                        static_cast<std::ptrdiff_t>(key)];
}

// The largest score and the sum of weights of a row, over a chunk or more.
struct RowSum {
  float max = kMinusInfinity;
  float sum = 0.0f;
};

// Of one score, where `max` is the largest.
float Weight(const AttentionTileArgs& a, float score, float max) {
  if (a.normaliser == Normaliser::kRelu) return std::max(0.0f, score);
  return max == kMinusInfinity ? 0.0f : std::exp(score - max);
}

float Finish(const AttentionTileArgs& a, float sum) {
  if (a.normaliser == Normaliser::kRelu) return 1.0f;
  return sum == 0.0f ? 0.0f : 1.0f / sum;
}

// One chunk of one row: values weighted by exp(score - chunk's max) into out.
RowSum ComputeChunk(const AttentionTileArgs& a, std::size_t row,
                    std::size_t chunk, float* out) {
  const std::size_t begin = chunk * kChunkKeys;
  const std::size_t end = std::min(begin + kChunkKeys, a.length);
  float* scores = a.scratch;
  RowSum result;
  for (std::size_t key = begin; key < end; ++key) {
    if (!Sees(a, row, key)) continue;
    scores[key - begin] = ScoreOf(a, row, key);
    result.max = std::max(result.max, scores[key - begin]);
  }
  std::fill_n(out, a.value_width, 0.0f);
  for (std::size_t key = begin; key < end; ++key) {
    if (!Sees(a, row, key)) continue;
    const float weight = Weight(a, scores[key - begin], result.max);
    result.sum += weight;
    const std::size_t place = Place(a, row, key);
    for (std::size_t c = 0; c < a.value_width; ++c) {
      out[c] += weight * Value(a, place, c);
    }
  }
  if (a.normaliser == Normaliser::kRelu) result.max = 0.0f;
  return result;
}

// Adds a chunk's result to a row's.
void Merge(const AttentionTileArgs& a, const RowSum& chunk, const float* values,
           RowSum& row, float* out) {
  const float max = std::max(row.max, chunk.max);
  const float decay = row.max == max ? 1.0f : std::exp(row.max - max);
  const float factor = chunk.max == max ? 1.0f : std::exp(chunk.max - max);
  row = {max, row.sum * decay + chunk.sum * factor};
  for (std::size_t c = 0; c < a.value_width; ++c) {
    out[c] = out[c] * decay + values[c] * factor;
  }
}

void WriteWeights(const AttentionTileArgs& a, std::size_t row,
                  const RowSum& total) {
  float* weights = a.weights + row * a.weight_stride;
  for (std::size_t key = 0; key < a.length; ++key) {
    weights[key] =
        Sees(a, row, key)
            ? Weight(a, ScoreOf(a, row, key), total.max) * Finish(a, total.sum)
            : 0.0f;
  }
}

void Multiply(float* values, std::size_t n, float factor) {
  for (std::size_t i = 0; i < n; ++i) values[i] *= factor;
}

}  // namespace

void AttentionTileScalar(const AttentionTileArgs& a) noexcept {
  const std::size_t stride = PartialFloats(a.value_width);
  float* values = a.scratch + kChunkKeys;
  for (std::size_t row = 0; row < a.rows; ++row) {
    float* out = a.out + row * a.out_stride;
    RowSum total;
    if (!a.partials) std::fill_n(out, a.value_width, 0.0f);
    for (std::size_t c = a.first_chunk; c < a.end_chunk; ++c) {
      if (a.partials) {
        float* partial = a.partials + (c * a.rows + row) * stride;
        const RowSum chunk = ComputeChunk(a, row, c, partial + 2);
        partial[0] = chunk.max;
        partial[1] = chunk.sum;
      } else {
        const RowSum chunk = ComputeChunk(a, row, c, values);
        Merge(a, chunk, values, total, out);
      }
    }
    if (a.partials) continue;
    Multiply(out, a.value_width, Finish(a, total.sum));
    if (a.weights) WriteWeights(a, row, total);
  }
}

void AdditiveKeysScalar(const float* raw, std::size_t floats,
                        float* keys) noexcept {
  std::copy_n(raw, floats, keys);
}

void AttentionMergeScalar(const AttentionTileArgs& a) noexcept {
  const std::size_t stride = PartialFloats(a.value_width);
  for (std::size_t row = 0; row < a.rows; ++row) {
    float* out = a.out + row * a.out_stride;
    RowSum total;
    std::fill_n(out, a.value_width, 0.0f);
    for (std::size_t c = a.first_chunk; c < a.end_chunk; ++c) {
      const float* partial = a.partials + (c * a.rows + row) * stride;
      Merge(a, {partial[0], partial[1]}, partial + 2, total, out);
    }
    Multiply(out, a.value_width, Finish(a, total.sum));
  }
}

}  // namespace tessera::kernels
