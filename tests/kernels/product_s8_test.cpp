// Products of integers: exact sums, the same bits on every ISA, and limits.
#include <gtest/gtest.h>
#include <tessera/error.h>

#include <cmath>
#include <cstdint>
#include <vector>

#include "kernels/gemm/multiply.h"
#include "kernels/gemm/quantize.h"
#include "tests/kernels/kernel_test.h"

namespace tessera::kernels {
namespace {

class ProductS8Test : public KernelTest<ProductFn, ProductKernel> {
 protected:
  PackedMatrix Pack(const std::vector<float>& w, std::size_t n, std::size_t k) {
    PackedMatrix packed(n, k, GetParam());
    packed.SetRows(0, Dense(w.data(), n, k));
    packed.SetBias(0, RandomNormal(n, 2));
    return packed;
  }
};

std::vector<float> Product(const std::vector<float>& x, const PackedMatrix& w) {
  ExecContext context;
  const std::size_t rows = x.size() / w.inputs();
  std::vector<float> y(rows * w.outputs());
  Multiply(Dense(x.data(), rows, w.inputs()), w, {},
           Dense(y.data(), rows, w.outputs()), context);
  return y;
}

// The sum of products of integers as MatrixLayout says where they lie, in 64
// bits.
std::int64_t Sum(const std::int8_t* x, const MatrixLayout& w, std::size_t n) {
  std::int64_t sum = 0;
  for (std::size_t k = 0; k < w.inputs; ++k) {
    sum += std::int64_t{x[k]} *
           w.Data<std::int8_t>()[n / w.panel_columns * w.panel_stride +
                                 k / w.inner * w.panel_columns * w.inner +
                                 n % w.panel_columns * w.inner + k % w.inner];
  }
  return sum;
}

// Every sum is exact, whatever its size: conversion to float32, the product of
// the scales, that with the sum and the bias round once each.
void ExpectExactSums(const std::vector<float>& x, const PackedMatrix& w) {
  const std::size_t rows = x.size() / w.inputs();
  std::vector<std::int8_t> integers(x.size());
  std::vector<RowScale> scales(rows);
  QuantizeRows(Dense(x.data(), rows, w.inputs()),
               {ElementType::kS8, integers.data(), rows, w.inputs(), w.inputs(),
                scales.data()});
  const std::vector<float> y = Product(x, w);
  for (std::size_t m = 0; m < rows; ++m) {
    for (std::size_t n = 0; n < w.outputs(); ++n) {
      const double product =
          static_cast<double>(Sum(&integers[m * w.inputs()], w.layout(), n)) *
          double{scales[m].scale} * double{w.layout().scales[n]};
      const double bias = w.bias()[n];
      EXPECT_NEAR(y[m * w.outputs() + n], product + bias,
                  (std::fabs(product) + std::fabs(bias)) * 0x1p-22)
          << "row " << m << " output " << n;
    }
  }
}

TEST_P(ProductS8Test, SumsAreExact) {
  for (const std::size_t k : {1u, 2u, 3u, 5u, 64u, 513u}) {
    for (const std::size_t m : {1u, 2u, 6u, 13u}) {
      const std::size_t n = 150;
      ExpectExactSums(RandomNormal(m * k, 3),
                      Pack(RandomNormal(n * k, 4), n, k));
    }
  }
}

// The largest integers of both signs side by side: where 16 bits would not do.
TEST_P(ProductS8Test, LargestSumsAreExact) {
  const std::size_t k = 65536, n = 5;
  for (const float x : {1.0f, -1.0f}) {
    for (const float w : {1.0f, -1.0f}) {
      ExpectExactSums(std::vector<float>(2 * k, x),
                      Pack(std::vector<float>(n * k, w), n, k));
    }
  }
}

TEST_P(ProductS8Test, GivesTheSameBitsOnEveryIsa) {
  const std::size_t m = 7, n = 203, k = 301;
  const std::vector<float> x = RandomNormal(m * k, 3);
  const std::vector<float> w = RandomNormal(n * k, 4);
  PackedMatrix scalar(n, k, ProductKernels(ElementType::kS8).back());
  scalar.SetRows(0, Dense(w.data(), n, k));
  scalar.SetBias(0, RandomNormal(n, 2));
  EXPECT_EQ(Product(x, Pack(w, n, k)), Product(x, scalar));
}

TEST_P(ProductS8Test, RefusesMoreInputsThanASumHolds) {
  EXPECT_NO_THROW(PackedMatrix(1, 65536, GetParam()));
  EXPECT_THROW(PackedMatrix(1, 65537, GetParam()), Error);
}

TESSERA_INSTANTIATE_KERNELS(ProductS8Test, ProductKernels(ElementType::kS8));

}  // namespace
}  // namespace tessera::kernels
