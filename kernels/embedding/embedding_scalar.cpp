// EmbedRows in plain C++.
#include "kernels/embedding/embedding.h"

namespace tessera::kernels {

void EmbedRowsScalar(const MatrixLayout& table, const EmbedInput& input,
                     Rows<float> y) noexcept {
  for (std::size_t r = 0; r < y.rows; ++r) {
    const auto n = static_cast<std::size_t>(input.ids[r]);
    const float* const row = table.Data<float>() +
                             n / table.panel_columns * table.panel_stride +
                             n % table.panel_columns;
    for (std::size_t k = 0; k < y.cols; ++k) {
      y[r][k] = input.scale * row[k * table.panel_columns];
    }
    if (!input.positions.data) continue;
    const float* const position =
        input.positions[static_cast<std::size_t>(input.position[r])];
    for (std::size_t k = 0; k < y.cols; ++k) {
      if (!input.skip_zeros || y[r][k] != 0.0f) y[r][k] += position[k];
    }
  }
}

}  // namespace tessera::kernels
