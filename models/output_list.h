// What the outputs of one sentence are chosen from.
#ifndef TESSERA_MODELS_OUTPUT_LIST_H_
#define TESSERA_MODELS_OUTPUT_LIST_H_

#include <cstdint>
#include <vector>

#include "kernels/gemm/packed_matrix.h"

namespace tessera::models {

// Some tokens of the target vocabulary, with their columns of the projection to
// it side by side: a step then reads these in place of all. Columns are copied
// once a sentence, which costs less than one step by all of them; a list for
// all sentences of a batch would be shorter to copy, but ten times as wide, and
// outputs would depend on the company. Made by Model::Select.
struct OutputList {
  std::vector<std::int32_t> ids;  // rising, one at least
  kernels::PackedMatrix weights;  // [ids, D] with their bias
};

}  // namespace tessera::models

#endif  // TESSERA_MODELS_OUTPUT_LIST_H_
