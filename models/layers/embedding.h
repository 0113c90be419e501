// Token embeddings with positions.
#ifndef TESSERA_MODELS_LAYERS_EMBEDDING_H_
#define TESSERA_MODELS_LAYERS_EMBEDDING_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "kernels/context.h"
#include "kernels/embedding/embedding.h"
#include "kernels/views.h"

namespace tessera::models {

// What is added to a token for its position. With angles
// a_i = p / 10000^(2i/D), computed in float64:
//   kLearned       a table in the file
//   kSinusoid      P[p][2i] = sin(a_i), P[p][2i + 1] = cos(a_i)
//   kSinusoidHalf  P[p][i] = sin(a_i), P[p][ceil(D/2) + i] = cos(a_i)
//   kStoredHalf    the same, unless a table is in the file: Marian, Pegasus
enum class Positions : std::uint8_t {
  kNone,
  kLearned,
  kSinusoid,
  kSinusoidHalf,
  kStoredHalf
};

// f32 [positions, D].
std::vector<float> SinusoidPositions(Positions form, std::size_t positions,
                                     std::size_t width);

// Token embeddings [V, D] in plain rows: a matrix for look-ups only.
struct PlainTable {
  std::vector<float> rows;
  std::size_t width;

  kernels::MatrixLayout view() const {
    return kernels::PlainRows(rows.data(), rows.size() / width, width);
  }
};

// How tokens become states: x = scale * table[id] + positions[position].
struct EmbeddingRule {
  float scale = 1;
  std::size_t position_offset = 0;  // added to every position
  bool skip_zeros = false;          // an element that is 0 gets no position
};

// The tokens of a call, with their positions.
struct PlacedTokens {
  std::span<const std::int32_t> ids;        // i32 [rows]
  std::span<const std::int32_t> positions;  // i32 [rows]
};

// Writes the states of tokens to x f32 [rows, D]. `positions` is f32 [P, D]
// or empty: none are added.
void Embed(const kernels::MatrixLayout& table, const EmbeddingRule& rule,
           std::span<const float> positions, const PlacedTokens& tokens,
           kernels::Rows<float> x, kernels::ExecContext& context);

}  // namespace tessera::models

#endif  // TESSERA_MODELS_LAYERS_EMBEDDING_H_
