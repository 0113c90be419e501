// Packed products: exactness, tails, and bits that nothing else decides.
#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "kernels/gemm/product_onednn.h"
#include "kernels/gemm/quantize.h"
#include "tests/kernels/guard_pages.h"
#include "tests/kernels/product_case.h"
#include "tests/reference/gemm.h"

namespace tessera::kernels {
namespace {

// What rounding x and w to integers may change: half a step of each, by what it
// is multiplied with. A unit for a quarter of it and for float32's own.
double RoundingBound(const std::vector<float>& x, const std::vector<float>& w,
                     double magnitude) {
  const auto sums = [](const std::vector<float>& v) {
    double sum = 0, most = 0;
    for (const float each : v) {
      sum += std::fabs(each);
      most = std::max(most, double{std::fabs(each)});
    }
    return std::pair(sum, most / 127);
  };
  const auto [x_sum, x_step] = sums(x);
  const auto [w_sum, w_step] = sums(w);
  const double k = static_cast<double>(x.size());
  return (x_sum * w_step + w_sum * x_step + k * x_step * w_step / 2) / 2 +
         magnitude * 0x1p-22;
}

void RoundToBf16(std::vector<float>& values) {
  for (float& value : values) value = ToFloat(ToBf16(value));
}

class PackedProductTest : public KernelTest<ProductFn, ProductKernel> {
 protected:
  // Calls the kernel on x as it wants it: integers end at a page that faults.
  void Run(ProductArgs args) {
    const auto& [type, inner] = std::pair(GetParam().x, GetParam().inner);
    if (type == ElementType::kF32) return kernel()(args);
    const Rows<const float> x = args.x.As<float>();
    const std::size_t stride = (x.cols + inner - 1) / inner * inner;
    const std::size_t bytes = x.rows * stride * BytesOf(type);
    const GuardPages<char> data(std::vector<char>(bytes), GuardSide::kBack);
    std::vector<RowScale> scales(x.rows);
    const QuantizedRows integers = {type,   data.data(), x.rows,
                                    x.cols, stride,      scales.data()};
    QuantizeRows(x, integers);
    args.x = integers.view();
    args.x_scales = scales.data();
    kernel()(args);
  }

  std::vector<float> Product(const std::vector<float>& x, ProductArgs args) {
    Spaced inputs(x, args.w.inputs);
    Spaced y(inputs.view().rows, args.w.outputs, kCanary);
    args.x = inputs.view();
    args.y = y.view();
    Run(args);
    y.ExpectGapsUntouched();
    return y.Values();
  }

  void ExpectExact(std::size_t m, std::size_t n, std::size_t k) {
    SCOPED_TRACE(testing::Message() << "M " << m << " N " << n << " K " << k);
    Layer layer(n, k);
    std::vector<float> x = RandomNormal(m * k, 3);
    const PackedMatrix packed = layer.Pack(GetParam());
    // What rounding to bf16 leaves is exact.
    if (GetParam().w == ElementType::kBf16) RoundToBf16(layer.w);
    if (GetParam().x == ElementType::kBf16) RoundToBf16(x);
    const std::vector<float> y = Product(x, By(packed));
    const auto want = reference::MatrixProduct(x, layer.w, layer.bias, k);
    ASSERT_EQ(y.size(), want.y.size());
    for (std::size_t i = 0; i < y.size(); ++i) {
      const double error = std::fabs(static_cast<double>(y[i]) - want.y[i]);
      const double bound =
          GetParam().x == ElementType::kF32 ||
                  GetParam().x == ElementType::kBf16
              ? std::ldexp(1.0 + std::sqrt(static_cast<double>(k)), -24) *
                    want.magnitude[i]
              : RoundingBound(RowsOf(x, k, i / n, 1),
                              RowsOf(layer.w, k, i % n, 1), want.magnitude[i]);
      const double relative = error / bound;
      if (relative > worst_) worst_ = relative;
      ASSERT_LE(relative, double{kProductMaxError}) << "element " << i;
    }
  }
  void TearDown() override {
    if (worst_ > 0) RecordProperty("worst_error", std::to_string(worst_));
  }

 private:
  double worst_ = 0;  // of the bound
};

TEST_P(PackedProductTest, IsExactForEveryNumberOfRows) {
  for (const std::size_t m : Sizes(13, {31, 32, 33, 64, 127, 128, 129, 300})) {
    ExpectExact(m, 130, 48);
  }
}

TEST_P(PackedProductTest, IsExactForEveryNumberOfOutputs) {
  for (const std::size_t n : Sizes(67, {127, 128, 129, 130, 255})) {
    for (const std::size_t m : Sizes(0, {1, 2, 3, 4, 7, 12}))
      ExpectExact(m, n, 32);
  }
}

TEST_P(PackedProductTest, IsExactForEveryNumberOfInputs) {
  for (const std::size_t k : Sizes(67, {100, 1024, 2048, 2049, 4100})) {
    for (const std::size_t m : Sizes(0, {1, 2, 5, 7})) ExpectExact(m, 70, k);
  }
}

TEST_P(PackedProductTest, IsExactWhereRowsComeInBlocksAndInputsInChunks) {
  ExpectExact(70, 66, 2304);
}

TEST_P(PackedProductTest, BitsOfARowDoNotDependOnTheOtherRows) {
  for (const std::size_t k :
       {std::size_t{48}, std::size_t{1024}, std::size_t{2064}}) {
    const Layer layer(200, k);
    const PackedMatrix packed = layer.Pack(GetParam());
    const std::vector<float> x = RandomNormal(200 * k, 3);
    const std::vector<float> all = Product(x, By(packed));
    for (const std::size_t m :
         Sizes(13, {31, 32, 33, 63, 64, 65, 127, 128, 129, 199})) {
      const std::size_t first = 200 - m;  // other places in blocks, too
      EXPECT_TRUE(SameBits(Product(RowsOf(x, k, first, m), By(packed)),
                           RowsOf(all, 200, first, m)))
          << "M " << m << " K " << k;
    }
  }
}

TEST_P(PackedProductTest, BitsDoNotDependOnStrides) {
  const std::size_t m = 70, n = 192, k = 2064;
  const Layer layer(n, k);
  const PackedMatrix packed = layer.Pack(GetParam());
  const std::vector<float> x = RandomNormal(m * k, 3);
  std::vector<float> dense(m * n);
  ProductArgs args = By(packed);
  args.x = Dense(x.data(), m, k);
  args.y = Dense(dense.data(), m, n);
  Run(args);
  EXPECT_TRUE(SameBits(Product(x, By(packed)), dense));
}

TEST_P(PackedProductTest, BitsOfAColumnDoNotDependOnTheOtherColumns) {
  const std::size_t k = 80, n = 330, m = 9;
  const Layer layer(n, k);
  const PackedMatrix packed = layer.Pack(GetParam());
  const std::vector<float> x = RandomNormal(m * k, 3);
  const std::vector<float> all = Product(x, By(packed));
  for (const std::size_t first : Sizes(0, {0, 64, 192})) {
    for (const std::size_t count : Sizes(0, {1, 64, 128, 130})) {
      const auto part = Product(x, By(packed).Columns(first, count));
      for (std::size_t i = 0; i < part.size(); ++i) {
        EXPECT_EQ(part[i], all[i / count * n + first + i % count]);
      }
    }
  }
}

TEST_P(PackedProductTest, AppliesEachActivationToTheSum) {
  const Layer layer(150, 96);
  const PackedMatrix packed = layer.Pack(GetParam());
  for (const std::size_t m : Sizes(0, {1, 3, 20})) {
    const std::vector<float> x = RandomNormal(m * 96, 3, 0.2f);
    for (const auto& activate : ActivateKernels()) {
      if (activate.isa > GetParam().isa) continue;
      for (const Activation activation : kAllActivations) {
        std::vector<float> want = Product(x, By(packed));
        activate.run(activation, Dense(want.data(), m, 150));
        EXPECT_TRUE(
            SameBits(Product(x, By(packed, {.activation = activation})), want))
            << Name(activation) << " M " << m;
      }
      break;  // the best that the level has
    }
  }
}

TEST_P(PackedProductTest, ActivatesOnceWhereInputsComeInChunks) {
  const Layer layer(70, 4112);
  const PackedMatrix packed = layer.Pack(GetParam());
  const std::vector<float> x = RandomNormal(3 * 4112, 3);
  std::vector<float> want = Product(x, By(packed));
  for (float& v : want) v = v < 0 ? 0 : v;
  EXPECT_TRUE(SameBits(
      Product(x, By(packed, {.activation = Activation::kRelu})), want));
}

// What the epilogue makes of sums, one rounding an operation.
std::vector<float> Finished(std::vector<float> sums,
                            const std::vector<float>& gate,
                            const std::vector<float>& residual) {
  for (std::size_t i = 0; i < sums.size(); ++i) {
    if (!gate.empty()) sums[i] *= gate[i];
    if (!residual.empty()) sums[i] += residual[i];
  }
  return sums;
}

TEST_P(PackedProductTest, FinishesWithEachPartOfTheEpilogue) {
  for (const std::size_t n : Sizes(0, {1, 15, 17, 64, 67, 130})) {
    for (const std::size_t k : Sizes(0, {5, 2100})) {  // 2100: two chunks
      const PackedMatrix packed = Layer(n, k).Pack(GetParam());
      for (const std::size_t m : Sizes(0, {1, 3, 7})) {
        const std::vector<float> x = RandomNormal(m * k, 3, 0.1f);
        const std::vector<float> operand = RandomNormal(m * n, 4);
        for (const Activation activation : kAllActivations) {
          for (const bool bias : {false, true}) {
            ProductArgs args = By(packed, {.activation = activation});
            if (!bias) args.epilogue.bias = nullptr;
            const std::vector<float> plain = Product(x, args);
            Spaced gate(operand, n), residual(RandomNormal(m * n, 5), n);
            for (const int parts : {1, 2, 3}) {
              const bool gated = parts & 1, added = parts & 2;
              args.epilogue.gate = gated ? gate.view() : Rows<float>{};
              args.epilogue.residual = added ? residual.view() : Rows<float>{};
              const std::vector<float> none;
              EXPECT_TRUE(SameBits(Product(x, args),
                                   Finished(plain, gated ? operand : none,
                                            added ? residual.Values() : none)))
                  << Name(activation) << " M " << m << " N " << n << " K " << k
                  << " parts " << parts;
            }
          }
        }
      }
    }
  }
}

TEST_P(PackedProductTest, FinishesOverItsOwnOperand) {
  for (const std::size_t n : Sizes(0, {17, 64, 200})) {
    for (const std::size_t k : Sizes(0, {64, 2064})) {
      const PackedMatrix packed = Layer(n, k).Pack(GetParam());
      for (const std::size_t m : Sizes(7, {70})) {
        const std::vector<float> x = RandomNormal(m * k, 3, 0.1f);
        const std::vector<float> operand = RandomNormal(m * n, 4);
        const std::vector<float> sums = Product(x, By(packed));
        for (const bool gated : {false, true}) {
          std::vector<float> y = operand;
          ProductArgs args = By(packed);
          args.x = Dense(x.data(), m, k);
          args.y = Dense(y.data(), m, n);
          (gated ? args.epilogue.gate : args.epilogue.residual) = args.y;
          Run(args);
          const std::vector<float> want =
              Finished(sums, gated ? operand : std::vector<float>{},
                       gated ? std::vector<float>{} : operand);
          if (kernel() != PackedProductOneDnn) {
            EXPECT_TRUE(SameBits(y, want)) << "M " << m << " N " << n;
          }
          for (std::size_t i = 0; i < y.size(); ++i) {  // ours sums otherwise
            ASSERT_NEAR(y[i], want[i], 1e-4f) << "M " << m << " N " << n;
          }
        }
      }
    }
  }
}

TEST_P(PackedProductTest, TouchesNothingOutsideOfItsMatrices) {
  for (const GuardSide side : {GuardSide::kFront, GuardSide::kBack}) {
    for (const std::size_t n : Sizes(0, {1, 17, 63, 64, 131})) {
      for (const std::size_t m : Sizes(0, {1, 2, 6, 7})) {
        const std::size_t k = 37;
        const PackedMatrix packed = Layer(n, k).Pack(GetParam());
        const GuardPages<float> x(RandomNormal(m * k, 3), side);
        const GuardPages<float> gate(RandomNormal(m * n, 4), side);
        const GuardPages<float> residual(RandomNormal(m * n, 5), side);
        const GuardPages<float> y(std::vector<float>(m * n), side);
        ProductArgs args =
            By(packed, {.activation = Activation::kSilu,
                        .gate = Dense(gate.data(), m, n),
                        .residual = Dense(residual.data(), m, n)});
        args.x = Dense<const float>(x.data(), m, k);
        args.y = Dense(y.data(), m, n);
        Run(args);
        EXPECT_TRUE(std::isfinite(y.data()[m * n - 1]));
      }
    }
  }
}

TEST_P(PackedProductTest, NaNAndInfinityStayInTheirRowsAndColumns) {
  for (const float value : {kNaN, kInfinity, -kInfinity}) {
    Layer layer(100, 64);
    layer.w[70 * 64 + 5] = value;
    std::vector<float> x = RandomNormal(8 * 64, 3);
    x[2 * 64 + 63] = value;
    const PackedMatrix packed = layer.Pack(GetParam());
    const std::vector<float> y = Product(x, By(packed));
    for (std::size_t i = 0; i < y.size(); ++i) {
      const bool touched = i / 100 == 2 || i % 100 == 70;
      EXPECT_EQ(std::isfinite(y[i]), !touched) << "element " << i;
    }
  }
}

TEST_P(PackedProductTest, TakesNoRowsNoOutputsAndNoInputs) {
  const Layer layer(70, 32);
  const PackedMatrix packed = layer.Pack(GetParam());
  EXPECT_TRUE(Product({}, By(packed)).empty());
  const PackedMatrix no_outputs(0, 32, GetParam());
  EXPECT_TRUE(Product(RandomNormal(64, 3), By(no_outputs)).empty());

  const Layer bias_only(70, 0);
  const PackedMatrix no_inputs = bias_only.Pack(GetParam());
  std::vector<float> y(3 * 70, kCanary);
  ProductArgs args = By(no_inputs);
  args.x = Rows<const float>{nullptr, 3, 0, 0};
  args.y = Dense(y.data(), 3, 70);
  Run(args);
  for (std::size_t i = 0; i < y.size(); ++i) {
    EXPECT_EQ(y[i], bias_only.bias[i % 70]);
  }
}

TESSERA_INSTANTIATE_KERNELS(PackedProductTest, kProducts);

// A declaration without a definition fails to link here.
TEST(ProductTest, DefinesEveryFunctionThatHeadersDeclare) {
  const std::pair<Isa, ProductFn*> products[] = {
      {Isa::kScalar, PackedProductScalar},
      {Isa::kAvx2, PackedProductAvx2},
      {Isa::kAvx512, PackedProductAvx512},
      {Isa::kAvx512, PackedProductOneDnn}};
  // Those of bf16 and integers are in the lists that every test runs.
  for (const auto& [isa, product] : products) {
    if (isa > DetectedIsa()) continue;
    const PackedMatrix w = Layer(3, 2).Pack(isa);
    const float x[] = {1, 1};
    float y[3] = {};
    ProductArgs args = By(w);
    args.x = Dense(x, 1, 2);
    args.y = Dense(y, 1, 3);
    product(args);
    EXPECT_NE(y[2], 0.0f);
  }
}

TEST(ProductTest, ChoosesByLevelAndSize) {
  const auto chosen = [](Isa level, std::size_t outputs) {
    return std::string(Chosen(level, outputs, 1024).name);
  };
  for (const Isa level : {Isa::kAvx512, Isa::kAmx}) {
    EXPECT_EQ(chosen(level, 1024), "PackedProduct/avx512-onednn");
    EXPECT_EQ(chosen(level, 1023), "PackedProduct/avx512");
  }
  EXPECT_EQ(chosen(Isa::kAvx512Vnni, 1 << 20), "PackedProduct/avx512");
  EXPECT_EQ(chosen(Isa::kAvx2, 1 << 20), "PackedProduct/avx2");
  EXPECT_EQ(chosen(Isa::kScalar, 1 << 20), "PackedProduct/scalar");
}

}  // namespace
}  // namespace tessera::kernels
