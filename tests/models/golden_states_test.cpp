// Encoder states, decoder states and logits against other implementations.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include "models/model.h"
#include "models/weights/containers.h"
#include "tests/models/golden.h"
#include "tests/models/run_model.h"

namespace tessera::models {
namespace {

using kernels::Dense;
using kernels::ExecContext;
using kernels::Rows;

// Both sides compute in float32, in different orders. How far that may take
// them apart depends on the model: the golden file says how far the other side
// is from its own float64 run, and we may be as far to the other side and more.
constexpr double kLeastTolerance = 1e-5;
double Tolerance(const nlohmann::json& golden) {
  return std::max(kLeastTolerance,
                  4 * golden.value("float64_distance_of_logits", 0.0));
}

// A tensor of a golden file.
struct Golden {
  std::size_t rows = 0, cols = 0;
  std::vector<float> values;
};

class GoldenTensors {
 public:
  explicit GoldenTensors(const std::filesystem::path& path)
      : file_(OpenSafetensors(path)) {}

  std::optional<Golden> Find(const std::string& name) const {
    for (const TensorInfo& tensor : file_.tensors()) {
      if (tensor.name != name) continue;
      Golden golden{tensor.shape[0], tensor.shape[1], {}};
      golden.values.resize(golden.rows * golden.cols);
      file_.ReadAt(tensor, 0, std::as_writable_bytes(std::span(golden.values)));
      return golden;
    }
    return std::nullopt;
  }

 private:
  TensorFile file_;
};

void ExpectNear(Rows<const float> got, const Golden& expected, double tolerance,
                const std::string& what) {
  ASSERT_EQ(got.rows, expected.rows) << what;
  ASSERT_EQ(got.cols, expected.cols) << what;
  double worst = 0;
  for (std::size_t r = 0; r < got.rows; ++r) {
    for (std::size_t c = 0; c < got.cols; ++c) {
      const double want =
          static_cast<double>(expected.values[r * got.cols + c]);
      const double error = std::fabs(static_cast<double>(got[r][c]) - want) /
                           std::max(1.0, std::fabs(want));
      ASSERT_FALSE(std::isnan(error)) << what << " [" << r << ", " << c << "]";
      worst = std::max(worst, error);
    }
  }
  EXPECT_LE(worst, tolerance) << what;
}

void CompareWithGolden(const Model& model, const GoldenTensors& golden,
                       double tolerance, std::size_t index, const Ids& source,
                       const Ids& outputs) {
  const std::string at = std::to_string(index);
  const std::size_t width = model.info().width;
  ExecContext context;
  if (const auto expected = golden.Find("encoder." + at)) {
    const EncoderStates encoded = Encode(model, {source}, context);
    const auto tokens = static_cast<std::size_t>(encoded.offsets.back());
    ExpectNear(Dense(encoded.states.data(), tokens, width), *expected,
               tolerance, "encoder." + at);
  }
  const auto states = golden.Find("decoder." + at);
  const auto logits = golden.Find("logits." + at);
  if (!states && !logits) return;
  const std::vector<float> got = TeacherForced(model, source, outputs, context);
  const Rows<const float> rows = Dense(got.data(), outputs.size(), width);
  if (states) ExpectNear(rows, *states, tolerance, "decoder." + at);
  if (!logits) return;
  std::vector<float> all(outputs.size() * model.info().target_vocabulary);
  const Rows<float> view =
      Dense(all.data(), outputs.size(), model.info().target_vocabulary);
  model.Logits(rows, view, context);
  ExpectNear(view, *logits, tolerance, "logits." + at);
}

class TinyModelTest : public testing::TestWithParam<std::string> {};

TEST_P(TinyModelTest, StatesAndLogitsAreThoseOfAnotherImplementation) {
  const auto folder = GoldenFolder() / GetParam();
  const auto model = LoadModel(ModelFolder(folder));
  const GoldenTensors tensors(folder / "golden.safetensors");
  const nlohmann::json golden = ReadGoldenJson(folder / "golden.json");
  for (std::size_t i = 0; i < golden["sources"].size(); ++i) {
    CompareWithGolden(*model, tensors, Tolerance(golden), i,
                      golden["sources"][i].get<Ids>(),
                      golden["greedy"][i]["ids"].get<Ids>());
  }
}

INSTANTIATE_TEST_SUITE_P(, TinyModelTest, testing::ValuesIn(TinyModels()),
                         [](const auto& tested) {
                           return TestName(tested.param);
                         });

TEST(BundledModelTest, StatesAndLogitsAreThoseOfTransformers) {
  const auto model = LoadModel(ModelFolder(BundledFolder()));
  const auto folder = GoldenFolder() / "bundled";
  const GoldenTensors tensors(folder / "states.safetensors");
  const nlohmann::json golden = ReadGoldenJson(folder / "golden.json");
  for (std::size_t i = 0; i < golden["greedy"].size(); ++i) {
    CompareWithGolden(*model, tensors, Tolerance(golden), i,
                      golden["greedy"][i]["source_ids"].get<Ids>(),
                      golden["greedy"][i]["ids"].get<Ids>());
  }
}

}  // namespace
}  // namespace tessera::models
