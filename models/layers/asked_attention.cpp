// Weights of the sequences that are asked of, and their means.
#include "models/layers/asked_attention.h"

#include <algorithm>

namespace tessera::models {

using kernels::AttentionSequence;

void AskedAttention::Open(std::size_t heads,
                          std::span<AttentionSequence> sequences) {
  const auto give_room = [&](float* room) {
    std::size_t used = 0;
    for (std::size_t r = 0; r < rows_.size(); ++r) {
      if (r > 0 && rows_[r].sequence == rows_[r - 1].sequence) continue;
      AttentionSequence& sequence = sequences[rows_[r].sequence];
      if (room != nullptr) sequence.weights = room + used;
      used += heads * sequence.rows * sequence.cache.length;
    }
    return used;
  };
  const std::size_t floats = give_room(nullptr);
  if (weights_.size() < floats) {
    weights_ = kernels::AlignedBuffer<float>(floats, kernels::kUninitialised);
  }
  give_room(weights_.data());
}

void AskedAttention::Give(std::size_t heads,
                          std::span<const AttentionSequence> sequences) const {
  const float share = 1 / static_cast<float>(heads);
  for (const Row& row : rows_) {
    const AttentionSequence& sequence = sequences[row.sequence];
    const std::size_t keys = sequence.cache.length;
    std::fill_n(row.to, keys, 0.0f);
    for (std::size_t i = row.first; i < row.first + row.tokens; ++i) {
      for (std::size_t head = 0; head < heads; ++head) {
        const float* const weights =
            sequence.weights + (head * sequence.rows + i) * keys;
        for (std::size_t key = 0; key < keys; ++key) {
          row.to[key] += weights[key] * share;
        }
      }
    }
  }
}

}  // namespace tessera::models
