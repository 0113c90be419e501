// What tests of packed products share: layers, spaced matrices, all products.
#ifndef TESSERA_TESTS_KERNELS_PRODUCT_CASE_H_
#define TESSERA_TESTS_KERNELS_PRODUCT_CASE_H_

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <initializer_list>
#include <limits>
#include <vector>

#include "kernels/gemm/packed_matrix.h"
#include "tests/kernels/kernel_test.h"

namespace tessera::kernels {

inline constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();
inline constexpr float kInfinity = std::numeric_limits<float>::infinity();
inline constexpr float kCanary = -12345.0f;

// 1 to last, and more.
inline std::vector<std::size_t> Sizes(std::size_t last,
                                      std::initializer_list<std::size_t> more) {
  std::vector<std::size_t> sizes;
  for (std::size_t n = 1; n <= last; ++n) sizes.push_back(n);
  sizes.insert(sizes.end(), more);
  return sizes;
}

// The product of f32 at a level.
inline const ProductKernel& Chosen(Isa level, std::size_t outputs = 1,
                                   std::size_t inputs = 1) {
  return ChooseProduct(ElementType::kF32, outputs, inputs, level);
}

// A linear layer with random weights, as tensors from a file.
struct Layer {
  std::size_t outputs, inputs;
  std::vector<float> w, bias;

  Layer(std::size_t n, std::size_t k)
      : outputs(n),
        inputs(k),
        w(RandomNormal(n * k, 1)),
        bias(RandomNormal(n, 2)) {}
  PackedMatrix Pack(Isa level) const {
    return Pack(Chosen(level, outputs, inputs));
  }
  PackedMatrix Pack(const ProductKernel& product) const {
    PackedMatrix packed(outputs, inputs, product);
    packed.SetRows(0, Dense(w.data(), outputs, inputs));
    packed.SetBias(0, bias);
    return packed;
  }
};

// A matrix whose rows start unaligned and lie apart. What lies between them is
// filled, and must come back unchanged. Nothing is allocated behind the last.
class Spaced {
 public:
  Spaced(std::size_t rows, std::size_t cols, float gap)
      : rows_(rows),
        cols_(cols),
        gap_(gap),
        data_(rows * (cols + kGap) + 1, gap) {}
  Spaced(const std::vector<float>& values, std::size_t cols)
      : Spaced(cols == 0 ? 0 : values.size() / cols, cols, kNaN) {
    for (std::size_t r = 0; r < rows_; ++r) {
      std::copy_n(values.data() + r * cols, cols, view()[r]);
    }
  }
  Rows<float> view() { return {data_.data() + 1, rows_, cols_, cols_ + kGap}; }
  std::vector<float> Values() {
    std::vector<float> values;
    for (std::size_t r = 0; r < rows_; ++r) {
      values.insert(values.end(), view()[r], view()[r] + cols_);
    }
    return values;
  }
  void ExpectGapsUntouched() {
    EXPECT_EQ(data_[0], gap_);
    for (std::size_t r = 0; r < rows_; ++r) {
      for (std::size_t c = cols_; c < cols_ + kGap; ++c) {
        EXPECT_EQ(view()[r][c], gap_) << "row " << r << " column " << c;
      }
    }
  }

 private:
  static constexpr std::size_t kGap = 3;
  std::size_t rows_, cols_;
  float gap_;
  std::vector<float> data_;
};

inline bool SameBits(const std::vector<float>& a, const std::vector<float>& b) {
  return a.size() == b.size() &&
         std::memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0;
}

// Rows [first, first + count) of a matrix with that many columns.
inline std::vector<float> RowsOf(const std::vector<float>& matrix,
                                 std::size_t cols, std::size_t first,
                                 std::size_t count) {
  const auto begin = matrix.begin() + static_cast<std::ptrdiff_t>(first * cols);
  return {begin, begin + static_cast<std::ptrdiff_t>(count * cols)};
}

// The product by a whole matrix, x and y to be filled in.
inline ProductArgs By(const PackedMatrix& w, Epilogue epilogue = {}) {
  epilogue.bias = w.bias();
  return {.x = {}, .w = w.layout(), .epilogue = epilogue, .y = {}};
}

// All that this build has, of every type of weights.
inline std::vector<ProductKernel> AllProducts() {
  std::vector<ProductKernel> all;
  for (const ElementType type : kWeightTypes) {
    const auto kernels = ProductKernels(type);
    all.insert(all.end(), kernels.begin(), kernels.end());
  }
  return all;
}
inline const std::vector<ProductKernel> kProducts = AllProducts();

}  // namespace tessera::kernels

#endif  // TESSERA_TESTS_KERNELS_PRODUCT_CASE_H_
