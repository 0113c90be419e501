// Layer normalisation in float64.
#ifndef TESSERA_TESTS_REFERENCE_NORM_H_
#define TESSERA_TESTS_REFERENCE_NORM_H_

#include <cmath>
#include <span>
#include <vector>

namespace tessera::reference {

inline double Mean(std::span<const double> s) {
  double sum = 0.0;
  for (const double value : s) sum += value;
  return sum / static_cast<double>(s.size());
}

// What the centred values of a row are divided by: sqrt(variance + epsilon), or
// the deviation of a sample, + epsilon.
inline double Deviation(std::span<const double> s, double epsilon,
                        bool unbiased = false) {
  const auto n = static_cast<double>(s.size());
  const double mean = Mean(s);
  double squares = 0.0;
  for (const double value : s) squares += (value - mean) * (value - mean);
  return unbiased ? std::sqrt(squares / (n - 1.0)) + epsilon
                  : std::sqrt(squares / n + epsilon);
}

// Of one row, scale 1 and bias 0.
inline std::vector<double> Normalize(std::vector<double> s, double epsilon,
                                     bool unbiased = false) {
  const double mean = Mean(s), deviation = Deviation(s, epsilon, unbiased);
  for (double& value : s) value = (value - mean) / deviation;
  return s;
}

}  // namespace tessera::reference

#endif  // TESSERA_TESTS_REFERENCE_NORM_H_
