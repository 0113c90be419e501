// Layer normalisation in float64.
#ifndef TESSERA_TESTS_REFERENCE_LAYER_NORM_H_
#define TESSERA_TESTS_REFERENCE_LAYER_NORM_H_

#include <cmath>
#include <span>
#include <vector>

namespace tessera::reference {

// Of one row, scale 1 and bias 0.
inline std::vector<double> Normalize(std::vector<double> s, double epsilon) {
  const auto n = static_cast<double>(s.size());
  double mean = 0.0, variance = 0.0;
  for (const double value : s) mean += value / n;
  for (const double value : s) variance += (value - mean) * (value - mean) / n;
  for (double& value : s)
    value = (value - mean) / std::sqrt(variance + epsilon);
  return s;
}

// sqrt(variance + epsilon) of a row.
inline double Deviation(std::span<const double> s, double epsilon) {
  const auto n = static_cast<double>(s.size());
  double mean = 0.0, squares = 0.0;
  for (const double value : s) mean += value / n;
  for (const double value : s) squares += (value - mean) * (value - mean);
  return std::sqrt(squares / n + epsilon);
}

}  // namespace tessera::reference

#endif  // TESSERA_TESTS_REFERENCE_LAYER_NORM_H_
