// TopKRows in plain C++.
#include <algorithm>
#include <cmath>
#include <limits>

#include "kernels/top_k/top_k.h"

namespace tessera::kernels {
namespace {

constexpr float kForbidden = -std::numeric_limits<float>::infinity();

// Ids come in rising order and go behind values that are not smaller.
void FindTop(const float* logits, std::size_t n, std::size_t k, float* values,
             std::int32_t* ids) {
  for (std::size_t c = 0; c < n; ++c) {
    const float value = std::isnan(logits[c]) ? kForbidden : logits[c];
    if (c >= k && !(value > values[k - 1])) continue;
    std::size_t place = std::min(c, k - 1);
    for (; place > 0 && values[place - 1] < value; --place) {
      values[place] = values[place - 1];
      ids[place] = ids[place - 1];
    }
    values[place] = value;
    ids[place] = static_cast<std::int32_t>(c);
  }
}

float LogSumExp(const float* logits, std::size_t n, float max) {
  const float shift = max == kForbidden ? 0.0f : max;
  double sum = 0.0;
  for (std::size_t c = 0; c < n; ++c) {
    sum += static_cast<double>(std::exp(logits[c] - shift));
  }
  return static_cast<float>(static_cast<double>(shift) + std::log(sum));
}

}  // namespace

void TopKRowsScalar(Rows<const float> logits, std::size_t k, Rows<float> values,
                    Rows<std::int32_t> ids, float* log_sum_exp) noexcept {
  for (std::size_t r = 0; r < logits.rows; ++r) {
    FindTop(logits[r], logits.cols, k, values[r], ids[r]);
    if (!log_sum_exp) continue;
    log_sum_exp[r] = LogSumExp(logits[r], logits.cols, values[r][0]);
  }
}

}  // namespace tessera::kernels
