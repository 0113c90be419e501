// Loading of projections: y = x W^T + b.
#ifndef TESSERA_MODELS_LAYERS_LINEAR_H_
#define TESSERA_MODELS_LAYERS_LINEAR_H_

#include <cstddef>
#include <initializer_list>
#include <string>

#include "kernels/gemm/packed_matrix.h"
#include "models/layers/weight_reader.h"

namespace tessera::models {

// NAME.weight [outputs, inputs] and NAME.bias [outputs] of each name, packed as
// one matrix whose outputs stand one after another: q, k and v in one product.
kernels::PackedMatrix LoadLinear(WeightReader& reader,
                                 std::initializer_list<std::string> names,
                                 std::size_t outputs, std::size_t inputs);

}  // namespace tessera::models

#endif  // TESSERA_MODELS_LAYERS_LINEAR_H_
