// Token embeddings with positions, and the output projection that may share
// their matrix.
#ifndef TESSERA_MODELS_LAYERS_EMBEDDING_H_
#define TESSERA_MODELS_LAYERS_EMBEDDING_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "kernels/aligned_buffer.h"
#include "kernels/embedding/embedding.h"
#include "kernels/views.h"

namespace tessera::models {

// Sinusoids, first half sines, second half cosines, as in Marian and Pegasus:
//   P[p][i] = sin(p / 10000^(2i/D)),  P[p][D/2 + i] = cos(same)
// computed in float64; with odd D the sines have (D + 1) / 2 columns.
std::vector<float> SinusoidPositions(std::size_t positions, std::size_t width);

// Writes scale * table[ids[r]] + positions[position[r]] to the rows of x.
void Embed(const kernels::StridedTable& table, float scale,
           std::span<const float> positions,  // f32 [P, D]
           std::span<const std::int32_t> ids,
           std::span<const std::int32_t> position, kernels::Rows<float> x);

}  // namespace tessera::models

#endif  // TESSERA_MODELS_LAYERS_EMBEDDING_H_
