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

// A token made more or less likely: its score s, a logit in a renormalised row
// and a log-probability in others, becomes (s < 0 ? s * penalty : s / penalty)
// + addend.
struct AdjustedToken {
  std::int32_t row;
  std::int32_t token;
  float penalty = 1;  // above 0
  float addend = 0;
};

// Sparse edits of a step's logits, in the terms of huggingface `generate`:
// where several meet, suppressed wins over adjusted, and forced over both.
struct LogitEdits {
  // Tokens that get -inf in every row, and in one row.
  std::span<const std::int32_t> suppressed_everywhere = {};
  std::span<const TokenOfRow> suppressed = {};
  // At most one for a row and token.
  std::span<const AdjustedToken> adjusted = {};
  // Rows in which only this token is possible, with log-probability 0.
  std::span<const TokenOfRow> forced = {};
  // u8 [rows]: 0: log-probabilities are those of the unedited logits (beam
  // search), 1: of the edited ones (greedy; `renormalize_logits`). Empty: 0.
  std::span<const std::uint8_t> renormalized = {};
};

// The best k continuations of each row, best first; equal ones by token id.
struct Candidates {
  kernels::Rows<const float> log_probs;      // f32 [rows, k]
  kernels::Rows<const std::int32_t> tokens;  // i32 [rows, k]
};

}  // namespace tessera::models

#endif  // TESSERA_MODELS_CANDIDATES_H_
