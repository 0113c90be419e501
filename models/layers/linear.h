// Loading of projections: y = x W^T + b.
#ifndef TESSERA_MODELS_LAYERS_LINEAR_H_
#define TESSERA_MODELS_LAYERS_LINEAR_H_

#include <cstddef>
#include <string>
#include <vector>

#include "kernels/gemm/packed_matrix.h"
#include "models/weights/matrix_source.h"

namespace tessera::models {

struct LinearShape {
  std::size_t outputs = 0;
  std::size_t inputs = 0;
  bool bias = true;
  bool columns = false;  // stored as [inputs, outputs]
};

// NAME.weight in rows [outputs, inputs], whichever way it is stored.
std::vector<float> ReadMatrix(WeightReader& reader, const std::string& name,
                              const LinearShape& shape);

// NAME.weight and NAME.bias, packed.
kernels::PackedMatrix LoadLinear(WeightReader& reader, const std::string& name,
                                 const LinearShape& shape);

// [rows, cols] to [cols, rows].
std::vector<float> Transposed(const float* values, std::size_t rows,
                              std::size_t cols);

}  // namespace tessera::models

#endif  // TESSERA_MODELS_LAYERS_LINEAR_H_
