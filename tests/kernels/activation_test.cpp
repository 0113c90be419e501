// Activate against float64, on every ISA of its list.
#include "kernels/activation/activation.h"

#include <bit>
#include <cfloat>
#include <cmath>
#include <limits>
#include <utility>

#include "tests/kernels/guarded_rows.h"
#include "tests/kernels/kernel_test.h"
#include "tests/reference/activation.h"

namespace tessera::kernels {
namespace {

using ActivationTest = KernelTest<decltype(Activate)>;

constexpr float kInf = std::numeric_limits<float>::infinity();
constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

double Tolerance(Activation activation, double x, double exact) {
  switch (activation) {
    case Activation::kIdentity:
    case Activation::kRelu:
    case Activation::kRelu6:
      return 0.0;
    case Activation::kGeluErf:
    case Activation::kGeluTanh:
    case Activation::kGeluClipped:
    case Activation::kQuickGelu:
      return static_cast<double>(kGeluMaxAbsError) * std::max(1.0, std::abs(x));
    case Activation::kSilu:
    case Activation::kMish:
      return static_cast<double>(kSiluMaxRelError) * std::abs(exact) +
             static_cast<double>(kSiluMaxAbsError);
    case Activation::kTanh:
      return static_cast<double>(kTanhMaxRelError) * std::abs(exact);
    case Activation::kSigmoid:
      return static_cast<double>(kSigmoidMaxAbsError);
    case Activation::kLaplace:
      return static_cast<double>(kLaplaceMaxAbsError);
    case Activation::kLeakyRelu:
    case Activation::kReluSquared:
      return static_cast<double>(kOneRoundingError) * std::abs(exact) +
             static_cast<double>(FLT_MIN);
  }
  return 0.0;
}

void ExpectActivated(Activation activation, float x, float y) {
  // Beyond the largest float: infinity, as rounding makes it.
  const double exact = static_cast<double>(static_cast<float>(
      reference::Activate(activation, static_cast<double>(x))));
  if (static_cast<double>(y) == exact) return;
  ASSERT_NEAR(static_cast<double>(y), exact,
              Tolerance(activation, static_cast<double>(x), exact))
      << Name(activation) << "(" << x << ")";
}

// One number through the kernel.
float RunOne(decltype(Activate)* kernel, Activation activation, float x) {
  kernel(activation, Dense(&x, 1, 1));
  return x;
}

TEST_P(ActivationTest, MatchesFloat64AtEveryLength) {
  constexpr std::size_t kRows = 3;
  for (const Activation activation : kAllActivations) {
    for (const std::size_t n : TailLengths()) {
      const std::vector<float> values = RandomNormal(kRows * n, 21, 3.0f);
      GuardedRows<float> x(kRows, n);
      x.Fill(values);
      kernel()(activation, x.view());
      EXPECT_TRUE(x.Intact()) << n;
      for (std::size_t i = 0; i < values.size(); ++i) {
        ExpectActivated(activation, values[i], x.view()[i / n][i % n]);
      }
    }
  }
}

TEST_P(ActivationTest, MatchesFloat64OverTheWholeRangeOfFloats) {
  std::vector<float> values;  // every 6007th normal number, of both signs
  for (std::uint32_t bits = 0x00800000; bits < 0x7f800000; bits += 6007) {
    values.push_back(std::bit_cast<float>(bits));
    values.push_back(-values.back());
  }
  for (const Activation activation : kAllActivations) {
    std::vector<float> x = values;
    kernel()(activation, Dense(x.data(), 1, x.size()));
    for (std::size_t i = 0; i < x.size(); ++i) {
      ExpectActivated(activation, values[i], x[i]);
    }
  }
}

TEST_P(ActivationTest, MatchesFloat64DenselyWhereFunctionsBend) {
  std::vector<float> values;
  for (int i = -20000; i <= 20000; ++i) {
    values.push_back(static_cast<float>(i) * 0.001f);
  }
  for (const Activation activation : kAllActivations) {
    std::vector<float> x = values;
    kernel()(activation, Dense(x.data(), 1, x.size()));
    for (std::size_t i = 0; i < x.size(); ++i) {
      ExpectActivated(activation, values[i], x[i]);
    }
  }
}

TEST_P(ActivationTest, KeepsZero) {
  for (const Activation activation : kAllActivations) {
    if (activation == Activation::kSigmoid ||
        activation == Activation::kLaplace) {
      continue;
    }
    EXPECT_EQ(RunOne(kernel(), activation, 0.0f), 0.0f) << Name(activation);
  }
}

TEST_P(ActivationTest, PassesNanOn) {
  for (const Activation activation : kAllActivations) {
    std::vector<float> x(37, 1.0f);
    x[3] = x[36] = kNan;  // in a full register and in a tail
    kernel()(activation, Dense(x.data(), 1, x.size()));
    for (std::size_t i = 0; i < x.size(); ++i) {
      EXPECT_EQ(std::isnan(x[i]), i == 3 || i == 36) << Name(activation);
    }
  }
}

// f(-inf) and f(inf).
std::pair<float, float> Limits(Activation activation) {
  switch (activation) {
    case Activation::kIdentity:
    case Activation::kLeakyRelu:
      return {-kInf, kInf};
    case Activation::kTanh:
      return {-1.0f, 1.0f};
    case Activation::kSigmoid:
    case Activation::kLaplace:
      return {0.0f, 1.0f};
    case Activation::kGeluClipped:
      return {0.0f, 10.0f};
    case Activation::kRelu6:
      return {0.0f, 6.0f};
    default:
      return {0.0f, kInf};
  }
}

TEST_P(ActivationTest, GoesToTheLimitsAtInfinity) {
  for (const Activation activation : kAllActivations) {
    const auto [low, high] = Limits(activation);
    EXPECT_EQ(RunOne(kernel(), activation, kInf), high) << Name(activation);
    EXPECT_EQ(RunOne(kernel(), activation, -kInf), low) << Name(activation);
  }
}

TEST(ActivationNameTest, IsDifferentForEachFunction) {
  EXPECT_EQ(Name(Activation::kIdentity), "identity");
  EXPECT_EQ(Name(Activation::kGeluErf), "gelu_erf");
  EXPECT_EQ(Name(Activation::kTanh), "tanh");
}

TESSERA_INSTANTIATE_KERNELS(ActivationTest, ActivateKernels());

}  // namespace
}  // namespace tessera::kernels
