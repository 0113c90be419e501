// Token embeddings with positions.
#include "models/layers/embedding.h"

#include <cmath>

namespace tessera::models {

std::vector<float> SinusoidPositions(std::size_t positions, std::size_t width) {
  std::vector<float> table(positions * width);
  const std::size_t sines = (width + 1) / 2;
  for (std::size_t p = 0; p < positions; ++p) {
    for (std::size_t i = 0; i < sines; ++i) {
      const double angle = static_cast<double>(p) /
                           std::pow(10000.0, 2.0 * static_cast<double>(i) /
                                                 static_cast<double>(width));
      float* row = &table[p * width];
      row[i] = static_cast<float>(std::sin(angle));
      if (sines + i < width)
        row[sines + i] = static_cast<float>(std::cos(angle));
    }
  }
  return table;
}

void Embed(const kernels::StridedTable& table, float scale,
           std::span<const float> positions, std::span<const std::int32_t> ids,
           std::span<const std::int32_t> position, kernels::Rows<float> x) {
  kernels::EmbedRows(table,
                     {.ids = ids.data(),
                      .scale = scale,
                      .positions = kernels::Dense(
                          positions.data(), positions.size() / x.cols, x.cols),
                      .position = position.data()},
                     x);
}

}  // namespace tessera::models
