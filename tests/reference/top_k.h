// Top-k by sorting, and log-sum-exp in float64.
#ifndef TESSERA_TESTS_REFERENCE_TOP_K_H_
#define TESSERA_TESTS_REFERENCE_TOP_K_H_

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <numeric>
#include <span>
#include <vector>

namespace tessera::reference {

// Columns of a row from the largest to the smallest, equal ones by number; NaN
// counts as -inf.
inline std::vector<std::int32_t> Ranking(std::span<const float> x) {
  std::vector<std::int32_t> ids(x.size());
  std::iota(ids.begin(), ids.end(), 0);
  const auto rank = [&](std::int32_t id) {
    const float value = x[static_cast<std::size_t>(id)];
    return std::isnan(value) ? -std::numeric_limits<float>::infinity() : value;
  };
  std::stable_sort(ids.begin(), ids.end(), [&](std::int32_t a, std::int32_t b) {
    return rank(a) > rank(b);
  });
  return ids;
}

// Of a row of finite numbers and -inf, with at least one finite number.
inline double LogSumExp(std::span<const float> x) {
  const auto max = static_cast<double>(*std::max_element(x.begin(), x.end()));
  double sum = 0.0;
  for (const float value : x) sum += std::exp(static_cast<double>(value) - max);
  return max + std::log(sum);
}

}  // namespace tessera::reference

#endif  // TESSERA_TESTS_REFERENCE_TOP_K_H_
