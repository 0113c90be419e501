// TopKRows in plain C++.
#include <algorithm>
#include <cmath>
#include <limits>

#include "kernels/top_k/top_k.h"

namespace tessera::kernels {
namespace {

constexpr float kForbidden = -std::numeric_limits<float>::infinity();

// Ids come in rising order and go behind values that are not smaller; those
// behind the ones found so far are nobody's.
void FindTop(Rows<const float> row, std::size_t first, Rows<float> list,
             std::int32_t* ids, TopKSeen& seen) {
  float* const values = list[0];
  for (std::size_t c = 0; c < row.cols; ++c) {
    const float value = std::isnan(row[0][c]) ? kForbidden : row[0][c];
    const auto found = static_cast<std::size_t>(seen.found);
    if (found == list.cols && !(value > values[found - 1])) continue;
    std::size_t place = std::min(found, list.cols - 1);
    for (; place > 0 && values[place - 1] < value; --place) {
      values[place] = values[place - 1];
      ids[place] = ids[place - 1];
    }
    values[place] = value;
    ids[place] = static_cast<std::int32_t>(first + c);
    if (found < list.cols) ++seen.found;
  }
}

// Subtracts the largest so far from all, that of the row in the end.
void AddExp(Rows<const float> row, TopKSeen& seen) {
  for (std::size_t c = 0; c < row.cols; ++c) {
    const float logit = row[0][c];
    if (logit > seen.limit) {
      if (seen.sum > 0) {
        seen.sum *= std::exp(static_cast<double>(seen.shift) -
                             static_cast<double>(logit));
      }
      seen.shift = seen.limit = logit;
    }
    seen.sum += static_cast<double>(std::exp(logit - seen.shift));
  }
}

}  // namespace

void TopKRowsScalar(Rows<const float> logits, std::size_t first,
                    Rows<float> values, Rows<std::int32_t> ids,
                    TopKSeen* seen) noexcept {
  for (std::size_t r = 0; r < logits.rows; ++r) {
    if (first == 0) seen[r] = {.limit = kForbidden};
    FindTop(logits.Slice(r, 1), first, values.Slice(r, 1), ids[r], seen[r]);
    AddExp(logits.Slice(r, 1), seen[r]);
  }
}

}  // namespace tessera::kernels
