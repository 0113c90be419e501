// Packs projections, tensor by tensor.
#include "models/layers/linear.h"

namespace tessera::models {

kernels::PackedMatrix LoadLinear(WeightReader& reader,
                                 std::initializer_list<std::string> names,
                                 std::size_t outputs, std::size_t inputs) {
  for (const std::string& name : names) {
    reader.Check(name + ".weight", {outputs, inputs});
  }
  kernels::PackedMatrix matrix(outputs * names.size(), inputs);
  std::size_t first = 0;
  for (const std::string& name : names) {
    const auto weight = reader.Read(name + ".weight", {outputs, inputs});
    matrix.SetRows(first, kernels::Dense(weight.data(), outputs, inputs));
    matrix.SetBias(first, reader.Read(name + ".bias", {outputs}));
    first += outputs;
  }
  return matrix;
}

}  // namespace tessera::models
