// What follows from the type of the weights for caches and tables of tokens.
#include <gtest/gtest.h>

#include "kernels/gemm/matrix_layout.h"
#include "models/model.h"
#include "tests/models/golden.h"

namespace tessera::models {
namespace {

using kernels::ElementType;

// Additive scores of bf16 keys have scalar code only.
TEST(CacheTypeTest, IsBf16BesideWeightsOfLessThanF32ButOfAdditiveScores) {
  const auto type = [](const char* name, ElementType weights) {
    return LoadModel(ModelFolder(GoldenFolder() / name), {.type = weights})
        ->info()
        .cache_type;
  };
  EXPECT_EQ(type("t5/t5_gated_gelu_untied", ElementType::kF32), "f32");
  for (const auto weights : {ElementType::kBf16, ElementType::kS8}) {
    EXPECT_EQ(type("t5/t5_gated_gelu_untied", weights), "bf16");
    EXPECT_EQ(type("family/additive", weights), "f32");
  }
}

// Whatever only looks rows up (embeddings that are not the output projection
// too) takes two bytes a weight, but for vectors and full panels.
TEST(TokenTablesTest, AreOfTheTypeOfTheWeights) {
  for (const char* name : {"bart/bart_untied", "t5/t5_gated_gelu_untied",
                           "marian/untied_output", "marian/separate_untied"}) {
    const ModelFolder folder(GoldenFolder() / name);
    const auto bytes = [&](ElementType type) {
      return LoadModel(folder, {.type = type})->info().memory_bytes;
    };
    const std::size_t f32 = bytes(ElementType::kF32);
    EXPECT_LT(bytes(ElementType::kBf16), f32 * 6 / 10) << name;
  }
}

}  // namespace
}  // namespace tessera::models
