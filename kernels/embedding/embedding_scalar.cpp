// EmbedRows in plain C++.
#include "kernels/embedding/embedding.h"

namespace tessera::kernels {

namespace {

// As MatrixLayout says.
float Element(const MatrixLayout& table, std::size_t n, std::size_t k) {
  const std::size_t at = n / table.panel_columns * table.panel_stride +
                         k / table.inner * table.panel_columns * table.inner +
                         n % table.panel_columns * table.inner +
                         k % table.inner;
  if (table.type == ElementType::kF32) return table.Data<float>()[at];
  if (table.type == ElementType::kBf16) return ToFloat(table.Data<Bf16>()[at]);
  return static_cast<float>(table.Data<std::int8_t>()[at]) * table.scales[n];
}

}  // namespace

void EmbedRowsScalar(const MatrixLayout& table, const EmbedInput& input,
                     Rows<float> y) noexcept {
  for (std::size_t r = 0; r < y.rows; ++r) {
    const auto n = static_cast<std::size_t>(input.ids[r]);
    for (std::size_t k = 0; k < y.cols; ++k) {
      y[r][k] = input.scale * Element(table, n, k);
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
