// The cross-attention that rows of a step ask for.
#ifndef TESSERA_MODELS_LAYERS_ASKED_ATTENTION_H_
#define TESSERA_MODELS_LAYERS_ASKED_ATTENTION_H_

#include <cstddef>
#include <span>
#include <vector>

#include "kernels/aligned_buffer.h"
#include "kernels/attention/attention.h"

namespace tessera::models {

// Between Open and Give an attention of H heads runs over the sequences:
// StepRow::attention gets the mean of its heads, summed over a row's tokens.
// Allocates for shapes that it has not seen.
class AskedAttention {
 public:
  explicit AskedAttention(std::size_t max_rows) { rows_.reserve(max_rows); }

  // Tokens of a sequence, and where the sum of their attention goes, f32 [S].
  struct Row {
    std::size_t sequence;
    std::size_t first;
    std::size_t tokens;
    float* to;
  };

  void Clear() { rows_.clear(); }
  // Rows of one sequence follow one another.
  void Add(const Row& row) { rows_.push_back(row); }

  // Has the sequences that are asked of write their weights. Requires their
  // caches.
  void Open(std::size_t heads, std::span<kernels::AttentionSequence> sequences);
  void Give(std::size_t heads,
            std::span<const kernels::AttentionSequence> sequences) const;

 private:
  std::vector<Row> rows_;
  kernels::AlignedBuffer<float> weights_;  // f32 [H, n, S] a sequence
};

}  // namespace tessera::models

#endif  // TESSERA_MODELS_LAYERS_ASKED_ATTENTION_H_
