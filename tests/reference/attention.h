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
  const double* query = c.queries.data() + i * c.key_width;
  const double* key = c.keys.data() + j * c.key_width;
  const double* weights =
      c.score_weights.empty() ? nullptr : c.score_weights.data();
  double sum = 0;
  for (std::size_t k = 0; k < c.key_width; ++k) {
    sum += weights ? weights[k] * std::tanh(query[k] + key[k])
                   : query[k] * key[k] * c.scale;
  }
  return c.bias ? sum + c.bias(i, j) : sum;
}

inline AttentionResult Attention(const AttentionCase& c) {
  AttentionResult result;
  result.out.assign(c.n * c.value_width, 0.0);
  result.weights.assign(c.n * c.m, 0.0);
  std::vector<std::size_t> seen;
  for (std::size_t i = 0; i < c.n; ++i) {
    double* weights = result.weights.data() + i * c.m;  // scores at first
    double* out = result.out.data() + i * c.value_width;
    double max = -INFINITY, sum = 0;
    seen.clear();
    for (std::size_t j = 0; j < c.m; ++j) {
      if (!c.sees(i, j)) continue;
      seen.push_back(j);
      weights[j] = AttentionScore(c, i, j);
      max = std::fmax(max, weights[j]);
      result.largest_score =
          std::fmax(result.largest_score, std::fabs(weights[j]));
    }
    for (const std::size_t j : seen) {
      weights[j] =
          c.relu ? std::fmax(0.0, weights[j]) : std::exp(weights[j] - max);
      sum += weights[j];
    }
    if (c.relu) result.largest_sum = std::fmax(result.largest_sum, sum);
    if (c.relu || sum == 0) sum = 1;
    for (const std::size_t j : seen) {
      const double* value = c.values.data() + j * c.value_width;
      weights[j] /= sum;
      for (std::size_t v = 0; v < c.value_width; ++v) {
        out[v] += weights[j] * value[v];
        result.largest_value =
            std::fmax(result.largest_value, std::fabs(value[v]));
      }
    }
  }
  return result;
}

}  // namespace tessera::reference

#endif  // TESSERA_TESTS_REFERENCE_ATTENTION_H_
