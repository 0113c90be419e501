// What operations tell of themselves.
#include "kernels/profile.h"

#include <gtest/gtest.h>

#include <vector>

#include "kernels/gemm/multiply.h"
#include "kernels/norm/norm.h"

namespace tessera::kernels {
namespace {

TEST(ProfileTest, TellsOperationsWithTheirPartAndCost) {
  constexpr std::size_t kRows = 3, kInputs = 8, kOutputs = 64;
  const PackedMatrix w(kOutputs, kInputs);
  std::vector<float> x(kRows * kInputs, 1.0f), y(kRows * kOutputs);
  Profile profile;
  ExecContext context;
  context.set_profile(&profile);
  {
    const ProfileScope stack(context, {.stack = "encoder"});
    const ProfileScope layer(context, {.layer = 2});
    Multiply(Dense<const float>(x.data(), kRows, kInputs), w, {},
             Dense(y.data(), kRows, kOutputs), context);
  }
  AddRows({.x = Dense<const float>(x.data(), kRows, kInputs),
           .y = Dense(y.data(), kRows, kInputs)},
          context);
  ASSERT_EQ(profile.spans().size(), 2U);
  const Profile::Span& product = profile.spans()[0];
  EXPECT_STREQ(product.operation, "product");
  EXPECT_STREQ(product.scope.stack, "encoder");
  EXPECT_EQ(product.scope.layer, 2);
  EXPECT_EQ(product.scope.block, nullptr);
  EXPECT_EQ(product.cost.flops, 2.0 * kRows * kInputs * kOutputs);
  EXPECT_EQ(product.cost.weight_bytes, static_cast<double>(w.bytes()));
  EXPECT_EQ(product.cost.bytes, 4.0 * kRows * (kInputs + kOutputs));
  EXPECT_LE(product.begin, product.end);
  const Profile::Span& sum = profile.spans()[1];
  EXPECT_STREQ(sum.operation, "sum");
  EXPECT_EQ(sum.scope.stack, nullptr);
  EXPECT_EQ(sum.cost.bytes, 4.0 * kRows * 2 * kInputs);
  EXPECT_LE(product.end, sum.begin);
}

TEST(ProfileTest, AsksForNoCostWhereNobodyListens) {
  const ExecContext context;
  const ProfileSpan span(context, "product", []() -> Cost {
    ADD_FAILURE() << "asked";
    return {};
  });
}

}  // namespace
}  // namespace tessera::kernels
