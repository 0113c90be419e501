// Marian's encoder states, decoder states and logits against Transformers.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <optional>

#include "models/model.h"
#include "models/weights/checkpoint.h"
#include "models/weights/safetensors.h"
#include "tests/models/golden.h"

namespace tessera::models {
namespace {

using kernels::Dense;
using kernels::ExecContext;
using kernels::Rows;
using Ids = std::vector<std::int32_t>;

// Both sides compute in float32, in different orders. How far that may take
// them apart depends on the model: the golden file says how far Transformers is
// from its own float64 run, and we may be as far to the other side and more.
constexpr double kLeastTolerance = 5e-5;
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
      : file_(SafetensorsFile::Open(path)) {}

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
  SafetensorsFile file_;
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

EncoderStates Encode(const Model& model, const std::vector<Ids>& sources,
                     ExecContext& context) {
  Ids ids, offsets{0};
  for (const Ids& source : sources) {
    ids.insert(ids.end(), source.begin(), source.end());
    offsets.push_back(static_cast<std::int32_t>(ids.size()));
  }
  return model.Encode({.ids = ids, .offsets = offsets}, context);
}

// Decoder states [T, D] of one sentence, its outputs given.
std::vector<float> TeacherForced(const Model& model, const Ids& source,
                                 const Ids& outputs, ExecContext& context) {
  const EncoderStates encoded = Encode(model, {source}, context);
  const auto state = model.Open(1, 1);
  const std::int32_t slot = 0;
  model.Admit(encoded, {&slot, 1}, *state, context);
  std::vector<float> states;
  std::int32_t token = model.info().generation.decoder_start_token_id;
  for (std::size_t t = 0; t < outputs.size(); ++t) {
    const StepRow row{0, t == 0 ? -1 : 0, token};
    const Rows<const float> x = model.Step({&row, 1}, *state, context);
    states.insert(states.end(), x[0], x[0] + x.cols);
    token = outputs[t];
  }
  return states;
}

void CompareWithGolden(const Model& model, const GoldenTensors& golden,
                       double tolerance, std::size_t index, const Ids& source,
                       const Ids& outputs) {
  const std::string at = std::to_string(index);
  const std::size_t width = model.info().width;
  ExecContext context;
  if (const auto expected = golden.Find("encoder." + at)) {
    const EncoderStates encoded = Encode(model, {source}, context);
    ExpectNear(Dense(encoded.states.data(), source.size(), width), *expected,
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

class TinyMarianTest : public testing::TestWithParam<std::string> {};

TEST_P(TinyMarianTest, StatesAndLogitsAreThoseOfTransformers) {
  const auto folder = GoldenFolder() / "marian" / GetParam();
  const auto model = LoadModel(folder);
  const GoldenTensors tensors(folder / "golden.safetensors");
  const nlohmann::json golden = ReadGoldenJson(folder / "golden.json");
  for (std::size_t i = 0; i < golden["sources"].size(); ++i) {
    CompareWithGolden(*model, tensors, Tolerance(golden), i,
                      golden["sources"][i].get<Ids>(),
                      golden["greedy"][i]["ids"].get<Ids>());
  }
}

INSTANTIATE_TEST_SUITE_P(, TinyMarianTest, testing::ValuesIn(TinyMarianNames()),
                         [](const auto& tested) { return tested.param; });

TEST(MarianTest, BundledStatesAndLogitsAreThoseOfTransformers) {
  const auto model = LoadModel(BundledFolder());
  const auto folder = GoldenFolder() / "bundled";
  const GoldenTensors tensors(folder / "states.safetensors");
  const nlohmann::json golden = ReadGoldenJson(folder / "golden.json");
  for (std::size_t i = 0; i < golden["greedy"].size(); ++i) {
    CompareWithGolden(*model, tensors, Tolerance(golden), i,
                      golden["greedy"][i]["source_ids"].get<Ids>(),
                      golden["greedy"][i]["ids"].get<Ids>());
  }
}

// A tiny model for what follows.
std::unique_ptr<Model> Tiny() {
  return LoadModel(GoldenFolder() / "marian" / TinyMarianNames().front());
}

TEST(MarianTest, SentencesOfABatchHaveTheBitsTheyHaveAlone) {
  const auto model = Tiny();
  const std::vector<Ids> sources = {{5, 6, 7, 0}, {9, 0}, {1, 2, 3, 4, 5, 0}};
  ExecContext context, two_threads(2);
  const EncoderStates together = Encode(*model, sources, two_threads);
  const std::size_t width = model->info().width;
  for (std::size_t b = 0; b < sources.size(); ++b) {
    const EncoderStates alone = Encode(*model, {sources[b]}, context);
    const auto first = static_cast<std::size_t>(together.offsets[b]);
    EXPECT_TRUE(std::equal(alone.states.data(),
                           alone.states.data() + sources[b].size() * width,
                           together.states.data() + first * width));
  }
}

TEST(MarianTest, RowsShareAndForkTheirHistory) {
  const auto model = Tiny();
  ExecContext context;
  const Ids source = {5, 6, 7, 0};
  const EncoderStates encoded = Encode(*model, {source, {9, 0}}, context);
  const auto state = model->Open(2, 4);
  const Ids slots = {0, 1};
  model->Admit(encoded, slots, *state, context);
  const std::int32_t start = model->info().generation.decoder_start_token_id;
  const std::vector<std::vector<StepRow>> steps = {
      {{1, -1, start}, {0, -1, start}},
      {{0, 1, 3}, {0, 1, 4}, {1, 0, 2}},
      {{0, 1, 8}, {0, 0, 8}, {0, 1, 9}},
  };
  Rows<const float> x;
  for (const auto& step : steps) x = model->Step(step, *state, context);
  const std::vector<float> got(x.data, x.data + 3 * x.cols);
  const std::vector<Ids> histories = {{4, 8, 0}, {3, 8, 0}, {4, 9, 0}};
  for (std::size_t r = 0; r < 3; ++r) {
    const auto alone = TeacherForced(*model, source, histories[r], context);
    EXPECT_TRUE(std::equal(
        alone.end() - static_cast<std::ptrdiff_t>(x.cols), alone.end(),
        got.begin() + static_cast<std::ptrdiff_t>(r * x.cols)))
        << "row " << r;
  }
}

TEST(MarianTest, CandidatesAreTheLogitsAfterEdits) {
  const auto model = Tiny();
  ExecContext context;
  const std::size_t width = model->info().width;
  const std::size_t vocabulary = model->info().target_vocabulary;
  const auto states = TeacherForced(*model, {5, 6, 0}, {3, 4, 5}, context);
  const Rows<const float> rows = Dense(states.data(), 3, width);
  std::vector<float> logits(3 * vocabulary);
  model->Logits(rows, Dense(logits.data(), 3, vocabulary), context);
  const auto state = model->Open(1, 3);
  const Ids everywhere = {1};
  const std::vector<TokenOfRow> suppressed = {{1, 7}, {1, 9}};
  const std::vector<TokenOfRow> forced = {{2, 5}};
  for (const bool renormalize : {false, true}) {
    const Candidates got =
        model->Project(rows, {everywhere, suppressed, forced, renormalize}, 4,
                       *state, context);
    for (std::size_t r = 0; r < 2; ++r) {
      double sum = 0;
      for (std::size_t v = 0; v < vocabulary; ++v) {
        const bool removed = v == 1 || (r == 1 && (v == 7 || v == 9));
        if (renormalize && removed) continue;
        sum += std::exp(static_cast<double>(logits[r * vocabulary + v]));
      }
      for (std::size_t i = 0; i < 4; ++i) {
        const auto token = static_cast<std::size_t>(got.tokens[r][i]);
        EXPECT_NE(token, 1u);
        EXPECT_NEAR(
            static_cast<double>(got.log_probs[r][i]),
            static_cast<double>(logits[r * vocabulary + token]) - std::log(sum),
            1e-5);
      }
    }
    EXPECT_EQ(got.tokens[2][0], 5);
    EXPECT_EQ(got.log_probs[2][0], 0.0f);
    EXPECT_EQ(got.log_probs[2][1], -std::numeric_limits<float>::infinity());
  }
}

}  // namespace
}  // namespace tessera::models
