// The input of a stack: token embeddings with positions.
#ifndef TESSERA_MODELS_LAYERS_EMBEDDING_H_
#define TESSERA_MODELS_LAYERS_EMBEDDING_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "kernels/context.h"
#include "kernels/embedding/embedding.h"
#include "kernels/views.h"
#include "models/layers/norm.h"
#include "models/weights/matrix_source.h"

namespace tessera::models {

// What is added to a token for its position. With angles
// a_i = p / 10000^(2i/D), computed in float64:
//   kLearned       a table in the file
//   kSinusoid      P[p][2i] = sin(a_i), P[p][2i + 1] = cos(a_i)
//   kSinusoidHalf  P[p][i] = sin(a_i), P[p][ceil(D/2) + i] = cos(a_i)
//   kStoredHalf    the same, unless a table is in the file: Marian, Pegasus
// and, with h = floor(D/2) and b_i = p * exp(-i ln(10000) / (h - 1)) in
// float32, whose rounding is part of what such models were trained with:
//   kSinusoidFairseq  P[p][i] = sin(b_i), P[p][h + i] = cos(b_i), an odd last
//                     column 0
enum class Positions : std::uint8_t {
  kNone,
  kLearned,
  kSinusoid,
  kSinusoidHalf,
  kStoredHalf,
  kSinusoidFairseq
};

// f32 [positions, D]. Requires D > 3 for kSinusoidFairseq.
std::vector<float> SinusoidPositions(Positions form, std::size_t positions,
                                     std::size_t width);

// Where a layer norm of the embeddings stands: nowhere, behind all, or between
// tokens and positions.
enum class EmbeddingNorm : std::uint8_t { kNone, kLast, kBeforePositions };

// How tokens become states: x = scale * table[id] + positions[position].
struct EmbeddingRule {
  float scale = 1;
  Positions positions = Positions::kNone;
  std::size_t position_offset = 0;  // added to every position
  bool skip_zeros = false;          // an element that is 0 gets no position
  // A token below position_offset that has no position and is not counted.
  std::optional<std::int32_t> unplaced = {};
  EmbeddingNorm norm = EmbeddingNorm::kNone;
};

// The tokens of a call.
struct PlacedTokens {
  std::span<const std::int32_t> ids;   // i32 [rows]
  std::span<const std::int32_t> rows;  // i32 [rows]: of the positions' table
};

class Embedding {
 public:
  // Of a stack of `width`, which has positions and embedding_norm where the
  // rule says so.
  Embedding(const MatrixSource& stack, const EmbeddingRule& rule,
            std::size_t positions, std::size_t width);

  // Whether a token has a position.
  bool IsPlaced(std::int32_t token) const { return rule_.unplaced != token; }
  // The row of the positions' table of a token at a position, from 0.
  std::int32_t Row(std::int32_t token, std::int32_t position) const {
    if (!IsPlaced(token)) return token;
    return position + static_cast<std::int32_t>(rule_.position_offset);
  }

  // Writes the states of tokens to x f32 [rows, D].
  void Apply(const kernels::MatrixLayout& table, const PlacedTokens& tokens,
             kernels::Rows<float> x, kernels::ExecContext& context) const;

 private:
  EmbeddingRule rule_;
  std::vector<float> positions_;  // f32 [P, D]; empty: none are added
  std::optional<Norm> norm_;
};

}  // namespace tessera::models

#endif  // TESSERA_MODELS_LAYERS_EMBEDDING_H_
