// What goes through a model: sentences of ids, encoder states and rows of a
// step in, the best continuations and attention weights out.
#ifndef TESSERA_MODELS_BATCH_H_
#define TESSERA_MODELS_BATCH_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "kernels/aligned_buffer.h"
#include "kernels/views.h"

namespace tessera::models {

struct OutputList;  // models/output_list.h

// B sentences of token ids, one after another, without padding.
struct TokenBatch {
  std::span<const std::int32_t> ids;      // [sum S]
  std::span<const std::int32_t> offsets;  // [B + 1]: sentence b is
                                          // ids[offsets[b], offsets[b + 1])
  std::size_t size() const { return offsets.empty() ? 0 : offsets.size() - 1; }
};

// The encoder's output for a TokenBatch.
struct EncoderStates {
  kernels::AlignedBuffer<float> states;    // f32 [sum S, D]
  std::vector<std::int32_t> offsets;       // [B + 1]; a model may have added
                                           // tokens of its own to a sentence
  std::vector<std::uint8_t> visible = {};  // [sum S]: 0 hides a token from the
                                           // decoder; empty: none is hidden
};

// One row of a decoding step: a beam that reads on. The rows of a step say all
// there is to say about the cache: a row of the previous step that is nobody's
// parent is released, one with several children is shared.
struct StepRow {
  std::int32_t sentence;  // its slot; rows of one sentence stand together
  std::int32_t parent;  // row of the previous step it continues; -1: it starts
  // What it reads, at the positions after its parent's: one token of a search,
  // the whole of a prompt or of an output that is known.
  std::span<const std::int32_t> tokens;
  // If given, f32 [S] of its sentence: gets how much these tokens look at each
  // of the source's, with those that the model has added. The weights of
  // cross-attention in the last layer, the mean of its heads, summed over the
  // tokens.
  float* attention = nullptr;
};

// The decoder's output for the rows of a step that read T tokens in all.
struct StepStates {
  kernels::Rows<const float> tokens;  // f32 [T, D], row by row
  kernels::Rows<const float> last;    // f32 [rows, D]: of each row's last token
};

// A change to the logits of one row before candidates are taken.
struct TokenOfRow {
  std::int32_t row;
  std::int32_t token;
};

// When the scores of a row become log-probabilities by a log-softmax.
enum Normalisation : std::uint8_t {
  kBeforeEdits,     // beam search: edits change log-probabilities
  kAfterEdits,      // greedy search: edits change logits
  kBeforeAndAfter,  // beam search with `renormalize_logits`
};

// A token made more or less likely. Its score, a logit or a log-probability as
// its row's Normalisation says, becomes w in the order of Hugging Face's
// processors:
//
//   t = s + addend
//   u = t < 0 ? t * penalty : t / penalty
//   w = u + |u| * growth
struct AdjustedToken {
  std::int32_t row;
  std::int32_t token;
  float addend = 0;
  float penalty = 1;  // above 0
  float growth = 0;
};

inline float Adjusted(const AdjustedToken& edit, float score) {
  score += edit.addend;
  score = score < 0 ? score * edit.penalty : score / edit.penalty;
  return score + (score < 0 ? -score : score) * edit.growth;
}

// Sparse edits of a step's logits, in the terms of huggingface `generate`:
// where several meet, suppressed wins over adjusted, and forced over both.
struct LogitEdits {
  // Tokens that get -inf.
  std::span<const TokenOfRow> suppressed = {};
  // At most one for a row and token.
  std::span<const AdjustedToken> adjusted = {};
  // Rows in which only this token is possible, with log-probability 0.
  std::span<const TokenOfRow> forced = {};
  // u8 [rows]: a Normalisation each. Empty: kBeforeEdits for all.
  std::span<const std::uint8_t> normalised = {};
  // [rows]: what each is to choose from; all other tokens have a logit of -inf
  // before any edit, and only a forced one is possible. nullptr: the whole
  // vocabulary. Empty: that for all.
  std::span<const OutputList* const> lists = {};
};

// The best k continuations of each row, best first; equal ones by token id.
struct Candidates {
  kernels::Rows<const float> log_probs;      // f32 [rows, k]
  kernels::Rows<const std::int32_t> tokens;  // i32 [rows, k]
};

// The weights of one attention block: how much each query looks at each key.
struct AttentionMap {
  AttentionMap(std::size_t h, std::size_t n, std::size_t m)
      : heads(h), queries(n), keys(m), weights(h * n * m) {}

  std::size_t heads;           // H
  std::size_t queries;         // n
  std::size_t keys;            // m
  std::vector<float> weights;  // f32 [H, n, m], 0 where a query may not look

  float& at(std::size_t head, std::size_t query, std::size_t key) {
    return weights[(head * queries + query) * keys + key];
  }
};

// All blocks of a model, by layer, for a source of S tokens and an output of T.
struct AttentionMaps {
  std::vector<std::int32_t>
      source;                      // [S], with tokens that the model has added
  std::vector<std::int32_t> read;  // [T]: start token and output but its last
  // u8 [S] and u8 [T]: 0 hides a token from all queries; empty: none is hidden.
  std::vector<std::uint8_t> source_visible;
  std::vector<std::uint8_t> read_visible;
  std::vector<AttentionMap> encoder;  // [H, S, S]
  std::vector<AttentionMap> decoder;  // [H, T, T]: query t writes token t, key
                                      // t is the token before it
  std::vector<AttentionMap> cross;    // [H, T, S]
};

}  // namespace tessera::models

#endif  // TESSERA_MODELS_BATCH_H_
