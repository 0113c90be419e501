// Runs a test body on every implementation of a kernel that this CPU has.
#ifndef TESSERA_TESTS_KERNELS_KERNEL_TEST_H_
#define TESSERA_TESTS_KERNELS_KERNEL_TEST_H_

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "kernels/dispatch.h"

namespace tessera::kernels {

// A gtest fixture parametrised over a kernel list:
//   using SoftmaxTest = KernelTest<decltype(SoftmaxRows)>;
//   TEST_P(SoftmaxTest, ...) { kernel()(x, lengths); }
//   TESSERA_INSTANTIATE_KERNELS(SoftmaxTest, SoftmaxRowsKernels());
// Implementations that the CPU lacks are skipped visibly.
// A Row is an Implementation, or one that knows more.
template <class Fn, class Row = Implementation<Fn>>
class KernelTest : public testing::TestWithParam<Row> {
 protected:
  void SetUp() override {
    const Isa isa = this->GetParam().isa;
    if (isa > DetectedIsa()) {
      GTEST_SKIP() << "this CPU has no " << Name(isa);
    }
    if (!this->GetParam().RunsOn(isa)) {
      GTEST_SKIP() << "not for this CPU: " << this->GetParam().name;
    }
  }
  Fn* kernel() const { return this->GetParam().run; }
};

template <class Row>
std::string KernelName(const testing::TestParamInfo<Row>& info) {
  std::string name = info.param.name;
  for (char& c : name) {
    if (c == '/' || c == '-') c = '_';
  }
  return name;
}

#define TESSERA_INSTANTIATE_KERNELS(Fixture, list)            \
  INSTANTIATE_TEST_SUITE_P(                                   \
      , Fixture, testing::ValuesIn(list.begin(), list.end()), \
      [](const auto& kernel_info) { return KernelName(kernel_info); })

// n numbers drawn from N(0, scale^2), the same for the same seed everywhere.
inline std::vector<float> RandomNormal(std::size_t n, unsigned seed,
                                       float scale = 1.0f) {
  std::mt19937 engine(seed);
  std::vector<float> values(n);
  for (float& value : values) {
    float sum =
        -6.0f;  // of 12 uniforms: variance 1, identical on all libraries
    for (int i = 0; i < 12; ++i) {
      sum += static_cast<float>(engine() >> 8) * 0x1p-24f;
    }
    value = sum * scale;
  }
  return values;
}

}  // namespace tessera::kernels

#endif  // TESSERA_TESTS_KERNELS_KERNEL_TEST_H_
