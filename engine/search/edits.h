// The edits of a step's logits, gathered from all searches of a batch.
#ifndef TESSERA_ENGINE_SEARCH_EDITS_H_
#define TESSERA_ENGINE_SEARCH_EDITS_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "models/model.h"

namespace tessera::engine {

// Row numbers are those of the Project call the edits are made for.
struct Edits {
  std::vector<models::TokenOfRow> suppressed;
  std::vector<models::TokenOfRow> forced;
  std::vector<std::uint8_t> renormalized;  // [rows]: 1 where a row is

  void Clear() {
    suppressed.clear();
    forced.clear();
    renormalized.clear();
  }
  // Makes room, so that filling in a step's edits allocates nothing.
  void Reserve(std::size_t rows, std::size_t suppressed_a_row) {
    suppressed.reserve(rows * suppressed_a_row);
    forced.reserve(rows);
    renormalized.reserve(rows);
  }
};

}  // namespace tessera::engine

#endif  // TESSERA_ENGINE_SEARCH_EDITS_H_
