// oneDNN behind our layout: where it has a fast path, and from many threads.
#include "kernels/gemm/product_onednn.h"

#include <cmath>
#include <thread>
#include <vector>

#include "tests/kernels/product_case.h"

namespace tessera::kernels {
namespace {

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
