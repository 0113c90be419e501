// What is chosen from: edits of logits, and the best continuations.
#ifndef TESSERA_MODELS_CANDIDATES_H_
#define TESSERA_MODELS_CANDIDATES_H_

#include <cstdint>
#include <span>

#include "kernels/views.h"

namespace tessera::models {

// A change to the logits of one row before candidates are taken.
struct TokenOfRow {
  std::int32_t row;
  std::int32_t token;
};

// Sparse edits of a step's logits, in the terms of huggingface `generate`.
struct LogitEdits {
  // Tokens that get -inf in every row, and in one row.
  std::span<const std::int32_t> suppressed_everywhere;
  std::span<const TokenOfRow> suppressed;
  // Rows in which only this token is possible, with log-probability 0.
  std::span<const TokenOfRow> forced;
  // false: log-probabilities are those of the unedited logits (beam search).
  // true: of the edited ones (greedy; `renormalize_logits`).
  bool renormalize = false;
};

// The best k continuations of each row, best first; equal ones by token id.
struct Candidates {
  kernels::Rows<const float> log_probs;      // f32 [rows, k]
  kernels::Rows<const std::int32_t> tokens;  // i32 [rows, k]
};

}  // namespace tessera::models

#endif  // TESSERA_MODELS_CANDIDATES_H_
