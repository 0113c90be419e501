// Reads and packs projections.
#include "models/layers/linear.h"

namespace tessera::models {
namespace {

std::vector<std::size_t> StoredShape(const LinearShape& shape) {
  if (shape.columns) return {shape.inputs, shape.outputs};
  return {shape.outputs, shape.inputs};
}

}  // namespace

std::vector<float> Transposed(const float* values, std::size_t rows,
                              std::size_t cols) {
  std::vector<float> transposed(rows * cols);
  for (std::size_t r = 0; r < rows; ++r) {
    for (std::size_t c = 0; c < cols; ++c) {
      transposed[c * rows + r] = values[r * cols + c];
    }
  }
  return transposed;
}

std::vector<float> ReadMatrix(WeightReader& reader, const std::string& name,
                              const LinearShape& shape) {
  std::vector<float> weight = reader.Read(name + ".weight", StoredShape(shape));
  if (!shape.columns) return weight;
  return Transposed(weight.data(), shape.inputs, shape.outputs);
}

kernels::PackedMatrix LoadLinear(WeightReader& reader, const std::string& name,
                                 const LinearShape& shape) {
  reader.Check(name + ".weight", StoredShape(shape));
  kernels::PackedMatrix matrix(shape.outputs, shape.inputs);
  {
    const auto weight = ReadMatrix(reader, name, shape);
    matrix.SetRows(0,
                   kernels::Dense(weight.data(), shape.outputs, shape.inputs));
  }
  if (shape.bias)
    matrix.SetBias(0, reader.Read(name + ".bias", {shape.outputs}));
  return matrix;
}

}  // namespace tessera::models
