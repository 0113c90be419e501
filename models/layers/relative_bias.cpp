// Buckets of distances, and tables by distance made of them.
#include "models/layers/relative_bias.h"

#include <algorithm>
#include <cmath>
#include <string>

namespace tessera::models {

std::size_t RelativeBucket(const RelativeBuckets& buckets,
                           std::int64_t distance) {
  std::size_t count = buckets.count, base = 0;
  auto r = static_cast<std::size_t>(std::max<std::int64_t>(-distance, 0));
  if (buckets.both_ways) {
    count /= 2;
    if (distance > 0) {
      base = count;
      r = static_cast<std::size_t>(distance);
    }
  }
  const std::size_t exact = count / 2;
  if (r < exact) return base + r;
  const double m = static_cast<double>(exact);
  const float log = std::log(static_cast<float>(r) / static_cast<float>(exact));
  const float step =
      log /
      static_cast<float>(std::log(static_cast<double>(buckets.reach) / m));
  const auto far =
      static_cast<std::size_t>(step * static_cast<float>(count - exact));
  return base + std::min(exact + far, count - 1);
}

RelativeBiases::RelativeBiases(const MatrixSource& stack,
                               const StackShape& shape)
    : buckets_(shape.relative), heads_(shape.attention.heads) {
  if (buckets_.count == 0) return;
  const auto reach = static_cast<std::int64_t>(buckets_.reach);
  const std::int64_t last = buckets_.both_ways ? reach : 0;
  const std::size_t tables = buckets_.each_layer ? shape.layers : 1;
  for (std::size_t t = 0; t < tables; ++t) {
    weights_.push_back(
        stack.Within("layers." + std::to_string(t) + ".self_attention")
            .Rows("relative_bias", buckets_.count, heads_));
  }
  for (std::int64_t d = -reach; d <= last; ++d) {
    near_.push_back(RelativeBucket(buckets_, d));
  }
}

void RelativeBiases::Fill(std::size_t positions, float* biases) const {
  const auto reach = static_cast<std::int64_t>(buckets_.reach);
  const auto first = 1 - static_cast<std::int64_t>(positions);
  const std::int64_t last = buckets_.both_ways ? -first : 0;
  for (const std::vector<float>& weights : weights_) {
    for (std::size_t h = 0; h < heads_; ++h) {
      for (std::int64_t d = first; d <= last; ++d) {
        const auto near =
            static_cast<std::size_t>(std::clamp(d, -reach, reach) + reach);
        *biases++ = weights[near_[near] * heads_ + h];
      }
    }
  }
}

kernels::ScoreBias RelativeBiases::View(std::size_t layer, std::size_t first,
                                        std::size_t positions,
                                        const float* biases) const {
  if (empty()) return {};
  const std::size_t stride = distances(positions);
  const std::size_t table = std::min(layer, weights_.size() - 1);
  return {.data = biases + table * heads_ * stride + (positions - 1 - first),
          .head_stride = static_cast<std::ptrdiff_t>(stride),
          .row_stride = -1};
}

}  // namespace tessera::models
