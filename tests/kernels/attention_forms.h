// What queries may see and what adds to their scores, for batches of any
// numbers.
#ifndef TESSERA_TESTS_KERNELS_ATTENTION_FORMS_H_
#define TESSERA_TESTS_KERNELS_ATTENTION_FORMS_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "tests/kernels/attention_case.h"

namespace tessera::kernels {

inline const std::vector<Lengths> kFormLengths = {
    {1, 1}, {17, 17}, {40, 25}, {5, 70}, {30, 600}, {100, 1100}, {3, 0}};
inline constexpr std::size_t kLargestForm = 100 * 1100;  // n * m

class FormNumbers {
 public:
  std::uint32_t Next() {
    seed_ = seed_ * 1103515245u + 12345u;
    return seed_ >> 16;
  }

 private:
  std::uint32_t seed_ = 1;
};

// Lengths of each query's own, from no key to all.
inline void AddQueryLengths(Batch& b) {
  FormNumbers numbers;
  for (std::size_t q = 0; q < b.size(); ++q) {
    auto& lengths = b.query_lengths.emplace_back();
    for (std::size_t i = 0; i < b.QueryCount(q); ++i) {
      lengths.push_back(
          static_cast<std::int32_t>(numbers.Next() % (b.KeyCount(q) + 1)));
    }
  }
}

// Of the largest sequence: a third of the keys is allowed.
inline std::vector<std::uint8_t> RandomMask(std::size_t heads) {
  FormNumbers numbers;
  std::vector<std::uint8_t> mask(heads * kLargestForm);
  for (std::uint8_t& allowed : mask) allowed = numbers.Next() % 3 == 0;
  return mask;
}

inline void AddMasks(Batch& b, const std::vector<std::uint8_t>& mask) {
  for (std::size_t q = 0; q < b.size(); ++q) {
    b.masks.push_back(
        {mask.data(), b.QueryCount(q) * b.KeyCount(q), b.KeyCount(q)});
  }
}

// One row of numbers for each head, query and key of the largest sequence.
inline std::vector<float> RandomBias(std::size_t heads) {
  return RandomNormal(heads * kLargestForm, 77);
}

inline void AddDenseBiases(Batch& b, const std::vector<float>& bias) {
  for (std::size_t q = 0; q < b.size(); ++q) {
    const auto n = static_cast<std::ptrdiff_t>(b.QueryCount(q));
    const auto m = static_cast<std::ptrdiff_t>(b.KeyCount(q));
    b.biases.push_back({bias.data(), n * m, m});
  }
}

inline void AddBiasesByDistance(Batch& b, const std::vector<float>& bias) {
  for (std::size_t q = 0; q < b.size(); ++q) {
    const auto n = static_cast<std::ptrdiff_t>(b.QueryCount(q));
    const auto m = static_cast<std::ptrdiff_t>(b.KeyCount(q));
    b.biases.push_back({bias.data() + n - 1, n + m - 1, -1});
  }
}

}  // namespace tessera::kernels

#endif  // TESSERA_TESTS_KERNELS_ATTENTION_FORMS_H_
