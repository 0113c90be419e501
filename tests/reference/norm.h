// Normalisation in float64.
#ifndef TESSERA_TESTS_REFERENCE_NORM_H_
#define TESSERA_TESTS_REFERENCE_NORM_H_

#include <cmath>
#include <span>
#include <vector>

#include "kernels/norm/norm.h"

namespace tessera::reference {

inline double Mean(std::span<const double> s) {
  double sum = 0.0;
  for (const double value : s) sum += value;
  return sum / static_cast<double>(s.size());
}

// What the values of a row, centred but for kRms, are divided by.
inline double Deviation(std::span<const double> s, double epsilon,
                        kernels::NormKind kind) {
  const auto n = static_cast<double>(s.size());
  const double mean = kind == kernels::NormKind::kRms ? 0.0 : Mean(s);
  double squares = 0.0;
  for (const double value : s) squares += (value - mean) * (value - mean);
  return kind == kernels::NormKind::kUnbiased
             ? std::sqrt(squares / (n - 1.0)) + epsilon
             : std::sqrt(squares / n + epsilon);
}

// Of one row, scale 1 and bias 0.
inline std::vector<double> Normalise(std::vector<double> s, double epsilon,
                                     kernels::NormKind kind) {
  const double mean = kind == kernels::NormKind::kRms ? 0.0 : Mean(s);
  const double deviation = Deviation(s, epsilon, kind);
  for (double& value : s) value = (value - mean) / deviation;
  return s;
}

}  // namespace tessera::reference

#endif  // TESSERA_TESTS_REFERENCE_NORM_H_
