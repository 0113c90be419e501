// Attention in float64, from its definition: the oracle of the kernels.
#ifndef TESSERA_TESTS_REFERENCE_ATTENTION_H_
#define TESSERA_TESTS_REFERENCE_ATTENTION_H_

#include <cmath>
#include <cstddef>
#include <functional>
#include <vector>

namespace tessera::reference {

// One head. Row-major: queries [n, K], keys [m, K], values [m, C].
struct AttentionCase {
  std::size_t n, m, key_width, value_width;
  std::vector<double> queries, keys, values;
  double scale;
  std::function<bool(std::size_t query, std::size_t key)> sees;
  std::function<double(std::size_t query, std::size_t key)> bias = nullptr;
  bool relu = false;  // max(0, score) in place of softmax
  // Additive scores: score_weights . tanh(query + key), [K] each.
  std::vector<double> score_weights = {};
};

struct AttentionResult {
  std::vector<double> out;      // [n, C]
  std::vector<double> weights;  // [n, m]
  double largest_score = 0;     // |score| over what is seen
  double largest_value = 0;     // |value| over what is seen
  double largest_sum = 1;       // of the weights of a query
};

inline double AttentionScore(const AttentionCase& c, std::size_t i,
                             std::size_t j) {
  double sum = 0;
  for (std::size_t k = 0; k < c.key_width; ++k) {
    const double query = c.queries[i * c.key_width + k];
    const double key = c.keys[j * c.key_width + k];
    sum += c.score_weights.empty()
               ? query * key * c.scale
               : c.score_weights[k] * std::tanh(query + key);
  }
  return c.bias ? sum + c.bias(i, j) : sum;
}

inline AttentionResult Attention(const AttentionCase& c) {
  AttentionResult result;
  result.out.assign(c.n * c.value_width, 0.0);
  result.weights.assign(c.n * c.m, 0.0);
  for (std::size_t i = 0; i < c.n; ++i) {
    double max = -INFINITY, sum = 0;
    for (std::size_t j = 0; j < c.m; ++j) {
      if (!c.sees(i, j)) continue;
      const double score = AttentionScore(c, i, j);
      max = std::fmax(max, score);
      result.largest_score = std::fmax(result.largest_score, std::fabs(score));
    }
    for (std::size_t j = 0; j < c.m; ++j) {
      if (!c.sees(i, j)) continue;
      const double score = AttentionScore(c, i, j);
      const double weight =
          c.relu ? std::fmax(0.0, score) : std::exp(score - max);
      result.weights[i * c.m + j] = weight;
      sum += weight;
    }
    if (c.relu) result.largest_sum = std::fmax(result.largest_sum, sum);
    if (c.relu || sum == 0) sum = 1;
    for (std::size_t j = 0; j < c.m; ++j) {
      if (!c.sees(i, j)) continue;
      double& weight = result.weights[i * c.m + j];
      weight /= sum;
      for (std::size_t v = 0; v < c.value_width; ++v) {
        const double value = c.values[j * c.value_width + v];
        result.out[i * c.value_width + v] += weight * value;
        result.largest_value =
            std::fmax(result.largest_value, std::fabs(value));
      }
    }
  }
  return result;
}

}  // namespace tessera::reference

#endif  // TESSERA_TESTS_REFERENCE_ATTENTION_H_
