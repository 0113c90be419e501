// Packed products: exactness, tails, and bits that nothing else decides.
#include "kernels/gemm/packed_matrix.h"

#include <gtest/gtest.h>
#include <tessera/error.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "kernels/denormals.h"
#include "kernels/gemm/multiply.h"
#include "kernels/gemm/product_onednn.h"
#include "kernels/gemm/quantize.h"
#include "tests/kernels/guard_pages.h"
#include "tests/kernels/kernel_test.h"
#include "tests/reference/gemm.h"

namespace tessera::kernels {
namespace {

constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();
constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr float kCanary = -12345.0f;

// 1 to last, and more.
std::vector<std::size_t> Sizes(std::size_t last,
                               std::initializer_list<std::size_t> more) {
  std::vector<std::size_t> sizes;
  for (std::size_t n = 1; n <= last; ++n) sizes.push_back(n);
  sizes.insert(sizes.end(), more);
  return sizes;
}

// The product of f32 at a level.
const ProductKernel& Chosen(Isa level, std::size_t outputs = 1,
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

bool SameBits(const std::vector<float>& a, const std::vector<float>& b) {
  return a.size() == b.size() &&
         std::memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0;
}

// Rows [first, first + count) of a matrix with that many columns.
std::vector<float> RowsOf(const std::vector<float>& matrix, std::size_t cols,
                          std::size_t first, std::size_t count) {
  const auto begin = matrix.begin() + static_cast<std::ptrdiff_t>(first * cols);
  return {begin, begin + static_cast<std::ptrdiff_t>(count * cols)};
}

// The product by a whole matrix, x and y to be filled in.
ProductArgs By(const PackedMatrix& w, Epilogue epilogue = {}) {
  epilogue.bias = w.bias();
  return {.x = {}, .w = w.layout(), .epilogue = epilogue, .y = {}};
}

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
    const Layer layer(n, k);
    const std::vector<float> x = RandomNormal(m * k, 3);
    const PackedMatrix packed = layer.Pack(GetParam());
    const std::vector<float> y = Product(x, By(packed));
    const auto want = reference::MatrixProduct(x, layer.w, layer.bias, k);
    ASSERT_EQ(y.size(), want.y.size());
    for (std::size_t i = 0; i < y.size(); ++i) {
      const double error = std::fabs(static_cast<double>(y[i]) - want.y[i]);
      const double bound =
          GetParam().x == ElementType::kF32
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

std::vector<ProductKernel> AllProducts() {
  std::vector<ProductKernel> all;
  for (const ElementType type : kWeightTypes) {
    const auto kernels = ProductKernels(type);
    all.insert(all.end(), kernels.begin(), kernels.end());
  }
  return all;
}
const std::vector<ProductKernel> kProducts = AllProducts();
TESSERA_INSTANTIATE_KERNELS(PackedProductTest, kProducts);

// A declaration without a definition fails to link here.
TEST(ProductTest, DefinesEveryFunctionThatHeadersDeclare) {
  const std::pair<Isa, ProductFn*> products[] = {
      {Isa::kScalar, PackedProductScalar},
      {Isa::kAvx2, PackedProductAvx2},
      {Isa::kAvx512, PackedProductAvx512},
      {Isa::kAvx512, PackedProductOneDnn}};
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

// The owner, with the layout of every product that this CPU has.
using PackedMatrixTest = KernelTest<ProductFn, ProductKernel>;

TEST_P(PackedMatrixTest, IsTheSameInSlicesAsAtOnce) {
  const Layer layer(203, 37);
  const PackedMatrix at_once = layer.Pack(GetParam());
  for (const std::size_t slice : Sizes(0, {1, 7, 16, 60, 130})) {
    PackedMatrix packed(203, 37, GetParam());
    for (std::size_t n = 0; n < 203; n += slice) {
      const std::size_t count = std::min(slice, 203 - n);
      packed.SetRows(n, Dense(layer.w.data() + n * 37, count, 37));
      packed.SetBias(n, {layer.bias.data() + n, count});
    }
    ASSERT_EQ(packed.bytes(), at_once.bytes());
    EXPECT_TRUE(
        std::ranges::equal(packed.storage().bytes(), at_once.storage().bytes()))
        << "slices of " << slice;
  }
}

TEST_P(PackedMatrixTest, LayoutGivesBackTheOriginalWeights) {
  const Layer layer(131, 37);
  const PackedMatrix packed = layer.Pack(GetParam());
  const MatrixLayout& w = packed.layout();
  for (std::size_t n = 0; n < 131; ++n) {
    for (std::size_t k = 0; k < 37; ++k) {
      const std::size_t at = n / w.panel_columns * w.panel_stride +
                             k / w.inner * w.panel_columns * w.inner +
                             n % w.panel_columns * w.inner + k % w.inner;
      const float want = layer.w[n * 37 + k];
      if (w.type == ElementType::kF32) {
        EXPECT_EQ(w.Data<float>()[at], want);
      } else {
        const float step = w.scales[n];
        EXPECT_NEAR(w.Data<std::int8_t>()[at] * step, want, 0.5001f * step);
      }
    }
  }
}

// A file that notices when it is unmapped.
std::shared_ptr<const void> MappedFile(bool& mapped) {
  mapped = true;
  return {&mapped, [&mapped](const void*) { mapped = false; }};
}

TEST_P(PackedMatrixTest, MultipliesInAMappedFileWhichItKeeps) {
  const PackedMatrix owned = Layer(131, 37).Pack(GetParam());
  const std::vector<float> x = RandomNormal(5 * 37, 3);
  const auto product = [&](const PackedMatrix& w) {
    ExecContext context;
    std::vector<float> y(5 * 131);
    Multiply(Dense(x.data(), 5, 37), w, {}, Dense(y.data(), 5, 131), context);
    return y;
  };
  const std::span<const std::byte> bytes = owned.storage().bytes();
  bool mapped = false;
  {
    PackedMatrix first(131, 37, GetParam(), Storage(bytes, MappedFile(mapped)));
    const PackedMatrix moved = std::move(first);
    EXPECT_TRUE(mapped);
    EXPECT_EQ(moved.layout().data, bytes.data());
    EXPECT_EQ(moved.bytes(), owned.bytes());
    EXPECT_TRUE(SameBits(product(moved), product(owned)));
  }
  EXPECT_FALSE(mapped);
}

TEST_P(PackedMatrixTest, RejectsMappedBytesThatDoNotFit) {
  const PackedMatrix owned = Layer(131, 37).Pack(GetParam());
  const std::span<const std::byte> bytes = owned.storage().bytes();
  bool mapped = false;
  const auto pack = [&](std::span<const std::byte> part, std::size_t outputs) {
    return PackedMatrix(outputs, 37, GetParam(),
                        Storage(part, MappedFile(mapped)));
  };
  EXPECT_THROW(pack(bytes.first(bytes.size() - 4), 131), Error);
  EXPECT_THROW(pack(bytes.subspan(4), 131), Error);
  EXPECT_THROW(pack(bytes, 200), Error);
  std::vector<std::byte> copy(bytes.size() + 64 + 4);
  const std::size_t off =
      64 - reinterpret_cast<std::uintptr_t>(copy.data()) % 64 + 4;
  EXPECT_THROW(pack(std::span(copy).subspan(off, bytes.size()), 131), Error);
  PackedMatrix packed = pack(bytes, 131);
  const std::vector<float> w(37);
  EXPECT_THROW(packed.SetRows(0, Dense(w.data(), 1, 37)), Error);
  EXPECT_THROW(packed.SetBias(0, {w.data(), 1}), Error);
}

TEST_P(PackedMatrixTest, RejectsWhatDoesNotFit) {
  PackedMatrix packed(10, 4, GetParam());
  const std::vector<float> w(44);
  EXPECT_THROW(packed.SetRows(0, Dense(w.data(), 11, 4)), Error);
  EXPECT_THROW(packed.SetRows(10, Dense(w.data(), 1, 4)), Error);
  EXPECT_THROW(packed.SetRows(~std::size_t{0}, Dense(w.data(), 2, 4)), Error);
  EXPECT_THROW(packed.SetRows(0, Dense(w.data(), 1, 5)), Error);
  EXPECT_THROW(packed.SetBias(5, {w.data(), 6}), Error);
  EXPECT_THROW(PackedMatrix(~std::size_t{0}, 2, GetParam()), std::bad_alloc);
  EXPECT_NO_THROW(packed.SetRows(0, Dense(w.data(), 10, 4)));
  EXPECT_NO_THROW(packed.SetRows(10, Dense(w.data(), 0, 4)));
}

// Shapes for both ways of cutting work, all above kMinParallelWork.
struct Shape {
  std::size_t m, n, k;
};
constexpr Shape kShapes[] = {{1, 4000, 256},
                             {64, 70, 256},
                             {129, 320, 96},
                             {7, 1024, 1040},
                             {40, 30, 2064}};

TEST_P(PackedMatrixTest, MultiplyGivesTheSameBitsWithAnyNumberOfThreads) {
  for (const Shape& s : kShapes) {
    const Layer layer(s.n, s.k);
    const PackedMatrix packed = layer.Pack(GetParam());
    const std::vector<float> x = RandomNormal(s.m * s.k, 3);
    std::vector<float> want;
    for (const std::size_t threads : Sizes(0, {1, 2, 3, 4, 16})) {
      ExecContext context(threads);
      Spaced y(s.m, s.n, kCanary);
      Multiply(Dense(x.data(), s.m, s.k), packed,
               {.activation = Activation::kGeluErf}, y.view(), context);
      y.ExpectGapsUntouched();
      if (threads == 1) want = y.Values();
      EXPECT_TRUE(SameBits(y.Values(), want))
          << "M " << s.m << " N " << s.n << " threads " << threads;
    }
  }
}

TESSERA_INSTANTIATE_KERNELS(PackedMatrixTest, kProducts);

class OneDnnTest : public testing::Test {
 protected:
  void SetUp() override {
    if (DetectedIsa() < Isa::kAvx512) GTEST_SKIP() << "this CPU has no avx512";
  }
};

TEST_F(OneDnnTest, HasAFastPathForWholePanels) {
  for (const std::size_t m : Sizes(0, {1, 2, 5, 64, 65, 200})) {
    const Layer layer(192, 256);
    const PackedMatrix packed = layer.Pack(Isa::kAvx512);
    const std::vector<float> x = RandomNormal(m * 256, 3);
    std::vector<float> y(m * 192, kNaN);
    ProductArgs args = By(packed);
    args.x = Dense(x.data(), m, 256);
    args.y = Dense(y.data(), m, 192);
    ASSERT_TRUE(OneDnnProduct(args));
    for (const float value : y) EXPECT_TRUE(std::isfinite(value));
  }
}

TEST_F(OneDnnTest, LeavesPaddedWeightsAlone) {
  const Layer layer(100, 40);
  const PackedMatrix packed = layer.Pack(Isa::kAvx512);
  const std::vector<float> x = RandomNormal(40, 3);
  std::vector<float> y(100);
  ProductArgs args = By(packed);
  args.x = Dense(x.data(), 1, 40);
  args.y = Dense(y.data(), 1, 100);
  EXPECT_FALSE(OneDnnProduct(args));
}

TEST_F(OneDnnTest, ServesThreadsAtTheSameTime) {
  const Layer layer(256, 256);
  const PackedMatrix packed = layer.Pack(Isa::kAvx512);
  const std::vector<float> x = RandomNormal(50 * 256, 3);
  const auto product = [&](std::size_t m) {
    std::vector<float> y(m * 256);
    ProductArgs args = By(packed, {.activation = Activation::kRelu});
    args.x = Dense(x.data(), m, 256);
    args.y = Dense(y.data(), m, 256);
    PackedProductOneDnn(args);
    return y;
  };
  const std::vector<float> want = product(50);
  std::vector<int> different(4);
  {
    std::vector<std::jthread> threads;
    for (int& count : different) {
      threads.emplace_back([&] {
        for (std::size_t m = 1; m <= 50; ++m) {
          count += !SameBits(product(m), RowsOf(want, 256, 0, m));
        }
      });
    }
  }
  EXPECT_EQ(different, std::vector<int>(4));
}

}  // namespace
}  // namespace tessera::kernels
