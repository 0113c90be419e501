// Biases of self-attention by the distance of key and query (T5).
#ifndef TESSERA_MODELS_LAYERS_RELATIVE_BIAS_H_
#define TESSERA_MODELS_LAYERS_RELATIVE_BIAS_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "kernels/attention/shape.h"
#include "models/layers/stack_shape.h"
#include "models/weights/matrix_source.h"

namespace tessera::models {

// The bucket of a distance, position of the key less that of the query:
//
//   r < m: r, else m + min(n - 1 - m, trunc(ln(r / m) / ln(reach / m) (n - m)))
//
// one way with r = max(-distance, 0) of n = count buckets, both ways with
// r = |distance| of n = floor(count / 2), and n more for keys behind the query;
// m = floor(n / 2). In float32, as models were trained. Requires m > 0 and
// reach > m.
// Source: Raffel et al. 2020, arXiv:1910.10683; Transformers 4.57.
std::size_t RelativeBucket(const RelativeBuckets& buckets,
                           std::int64_t distance);

// The biases of a stack, one table for all layers or one for each; none where
// the shape has no buckets. Cost, of an encoder of FLAN-T5-base's layers: none
// that can be measured of 24 tokens, 1.4 % of 512 (relative_bias_bench).
class RelativeBiases {
 public:
  // The weights are layers.N.self_attention.relative_bias, [buckets, H].
  RelativeBiases(const MatrixSource& stack, const StackShape& shape);

  bool empty() const { return weights_.empty(); }

  // Biases for queries and keys at positions below `positions`: what Fill
  // writes and View reads, f32 [tables, H, distances] from 1 - positions on.
  std::size_t floats(std::size_t positions) const {
    return weights_.size() * heads_ * distances(positions);
  }
  void Fill(std::size_t positions, float* biases) const;

  // Of a layer, for queries from position `first` and keys from position 0 on.
  kernels::ScoreBias View(std::size_t layer, std::size_t first,
                          std::size_t positions, const float* biases) const;

 private:
  std::size_t distances(std::size_t positions) const {
    return buckets_.both_ways ? 2 * positions - 1 : positions;
  }

  RelativeBuckets buckets_;
  std::size_t heads_;
  // The buckets of distances from -reach to 0, or to reach both ways; what is
  // farther is as far.
  std::vector<std::size_t> near_;
  std::vector<std::vector<float>> weights_;  // by table: f32 [buckets, H]
};

}  // namespace tessera::models

#endif  // TESSERA_MODELS_LAYERS_RELATIVE_BIAS_H_
