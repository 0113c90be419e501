// Files of torch.save give the bits of the same model in safetensors.
#include <gtest/gtest.h>

#include <bit>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "models/model.h"
#include "models/weights/checkpoint.h"
#include "tests/models/golden.h"
#include "tests/models/run_model.h"
#include "tests/models/weights/test_folder.h"

namespace tessera::models {
namespace {

namespace fs = std::filesystem;

struct TorchCase {
  std::string name;
  std::string twin;  // below tests/golden
};

const std::string kTwin = "marian/padding_not_zero/model.safetensors";

// A copy of the tiny model's folder without its weights.
void CopyConfig(const TestFolder& folder) {
  for (const char* file : {"config.json", "generation_config.json"}) {
    fs::copy(GoldenFolder() / "marian/padding_not_zero" / file, folder.path());
  }
}

class TorchGoldenTest : public testing::TestWithParam<TorchCase> {
 protected:
  TorchGoldenTest() {
    CopyConfig(torch_);
    CopyConfig(twin_);
    const fs::path source = GoldenFolder() / "torch" / GetParam().name;
    if (fs::is_directory(source)) {
      fs::copy(source, torch_.path());
    } else {
      fs::copy(source, torch_.path() / "pytorch_model.bin");
    }
    fs::copy(GoldenFolder() / GetParam().twin,
             twin_.path() / "model.safetensors");
  }

  TestFolder torch_, twin_;
};

std::vector<std::uint32_t> Bits(const std::vector<float>& values) {
  std::vector<std::uint32_t> bits;
  for (const float value : values) {
    bits.push_back(std::bit_cast<std::uint32_t>(value));
  }
  return bits;
}

TEST_P(TorchGoldenTest, HasTheTensorsOfItsTwin) {
  const auto torch = Checkpoint::Open(ModelFolder(torch_.path()));
  const auto twin = Checkpoint::Open(ModelFolder(twin_.path()));
  ASSERT_GT(twin.Names().size(), 60u);
  for (const std::string& name : twin.Names()) {
    const TensorInfo* tensor = torch.Find(name);
    ASSERT_NE(tensor, nullptr) << name;
    EXPECT_EQ(tensor->dtype, twin.Find(name)->dtype) << name;
    ASSERT_EQ(tensor->shape, twin.Find(name)->shape) << name;
    EXPECT_EQ(Bits(torch.Read(name, tensor->shape)),
              Bits(twin.Read(name, tensor->shape)))
        << name;
  }
}

TEST_P(TorchGoldenTest, GivesTheLogitsOfItsTwin) {
  const auto torch = LoadModel(ModelFolder(torch_.path()));
  const auto twin = LoadModel(ModelFolder(twin_.path()));
  EXPECT_EQ(torch->info().parameters, twin->info().parameters);
  kernels::ExecContext context(1);
  const Ids source = {5, 17, 160, 3, 0}, output = {9, 33, 208, 11};
  const std::size_t vocabulary = twin->info().target_vocabulary;
  const auto logits = [&](const Model& model) {
    const auto states = TeacherForced(model, source, output, context);
    std::vector<float> all(output.size() * vocabulary);
    model.Logits(
        kernels::Dense(states.data(), output.size(), model.info().width),
        kernels::Dense(all.data(), output.size(), vocabulary), context);
    return Bits(all);
  };
  EXPECT_EQ(logits(*torch), logits(*twin));
}

INSTANTIATE_TEST_SUITE_P(
    Forms, TorchGoldenTest,
    testing::Values(TorchCase{"zip.bin", kTwin},
                    TorchCase{"tied_old.bin", kTwin},
                    TorchCase{"strided.bin", kTwin},
                    TorchCase{"sharded", kTwin},
                    TorchCase{"f16.bin", "torch/f16.safetensors"},
                    TorchCase{"bf16.bin", "torch/bf16.safetensors"}),
    [](const auto& form) {
      return form.param.name.substr(0, form.param.name.find('.'));
    });

TEST(TorchTiesTest, NamesOfOneStorageAreTheSameTensor) {
  const TestFolder folder;
  fs::copy(GoldenFolder() / "torch/tied_old.bin",
           folder.path() / "pytorch_model.bin");
  const auto checkpoint = Checkpoint::Open(ModelFolder(folder.path()));
  EXPECT_TRUE(checkpoint.SameBytes("model.shared.weight", "lm_head.weight"));
  EXPECT_EQ(checkpoint.Find("model.shared.weight")->begin_bytes,
            checkpoint.Find("lm_head.weight")->begin_bytes);
}

TEST(TorchTiesTest, ComparesValuesWhateverTheirStrides) {
  const TestFolder folder;
  fs::copy(GoldenFolder() / "torch/strided.bin",
           folder.path() / "pytorch_model.bin");
  const auto checkpoint = Checkpoint::Open(ModelFolder(folder.path()));
  const std::string query = "model.encoder.layers.0.self_attn.q_proj.weight";
  EXPECT_FALSE(checkpoint.Find(query)->strides.empty());
  EXPECT_TRUE(checkpoint.SameBytes(query, query));
  EXPECT_FALSE(checkpoint.SameBytes(
      query, "model.encoder.layers.0.self_attn.k_proj.weight"));
}

TEST(TorchOrderTest, TakesFilesInTheOrderOfTransformers) {
  const TestFolder folder;
  const fs::path golden = GoldenFolder() / "torch";
  fs::copy(golden / "sharded", folder.path());
  const auto shards = Checkpoint::Open(ModelFolder(folder.path()));
  EXPECT_EQ(shards.Find("model.counter"), nullptr);
  fs::copy(golden / "zip.bin", folder.path() / "pytorch_model.bin");
  EXPECT_NE(Checkpoint::Open(ModelFolder(folder.path())).Find("model.counter"),
            nullptr);
  fs::copy(golden / "f16.safetensors", folder.path() / "model-1.safetensors");
  folder.Write(
      "model.safetensors.index.json",
      R"({"weight_map":{"model.shared.weight":"model-1.safetensors"}})");
  const auto dtype = [&] {
    return Checkpoint::Open(ModelFolder(folder.path()))
        .Find("model.shared.weight")
        ->dtype;
  };
  EXPECT_EQ(dtype(), DType::kF16);
  fs::copy(golden / "bf16.safetensors", folder.path() / "model.safetensors");
  EXPECT_EQ(dtype(), DType::kBF16);
}

}  // namespace
}  // namespace tessera::models
