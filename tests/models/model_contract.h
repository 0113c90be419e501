// A model of every family, with weights in f32 and in bf16, for what the engine
// relies on in any of them.
#ifndef TESSERA_TESTS_MODELS_MODEL_CONTRACT_H_
#define TESSERA_TESTS_MODELS_MODEL_CONTRACT_H_

#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <string>
#include <tuple>

#include "kernels/gemm/matrix_layout.h"
#include "models/model.h"
#include "tests/models/golden.h"
#include "tests/models/run_model.h"

namespace tessera::models {

// Those in bf16 have bf16 caches.
class ModelContractTest : public testing::TestWithParam<
                              std::tuple<std::string, kernels::ElementType>> {
 protected:
  const std::string& family() const { return std::get<0>(GetParam()); }
  std::int32_t pad() const { return model_->info().generation.pad_token_id; }

  std::unique_ptr<Model> model_ =
      LoadModel(ModelFolder(GoldenFolder() / family()),
                {.type = std::get<1>(GetParam())});
  kernels::ExecContext context_;
};

// Names of folders by types of weights.
inline auto EveryModel() {
  return testing::Combine(
      testing::ValuesIn(TinyModels()),
      testing::Values(kernels::ElementType::kF32, kernels::ElementType::kBf16));
}

// "marian_NAME_f32", for the names of tests.
inline std::string NameOfModel(
    const testing::TestParamInfo<ModelContractTest::ParamType>& tested) {
  return TestName(std::get<0>(tested.param)) + "_" +
         std::string(kernels::Name(std::get<1>(tested.param)));
}

}  // namespace tessera::models

#endif  // TESSERA_TESTS_MODELS_MODEL_CONTRACT_H_
