// The bundled model's translations against Transformers: all of them on the
// best instruction set, a few on the others.
#include <gtest/gtest.h>
#include <tessera/translator.h>

#include <fstream>

#include "engine/search/search_options.h"
#include "kernels/gemm/matrix_layout.h"
#include "kernels/isa.h"
#include "tests/engine/golden_batch.h"
#include "tests/models/golden.h"

namespace tessera::engine {
namespace {

constexpr double kTolerance = 1e-4;

// Every how many sentences to try one.
std::size_t Stride() {
  return kernels::ActiveIsa() == kernels::DetectedIsa() ? 1 : 15;
}

class GoldenBundledTest : public testing::Test {
 protected:
  GoldenBundledTest() {
    std::ifstream lines(models::GoldenFolder() / "bundled/sentences.txt");
    std::size_t number = 0;
    for (std::string line; std::getline(lines, line); ++number) {
      if (number % Stride() != 0) continue;
      texts_.push_back(line);
      numbers_.push_back(number);
    }
  }

  // The golden entries of texts_.
  std::vector<nlohmann::json> Expected(const std::string& search) const {
    std::vector<nlohmann::json> entries;
    for (const std::size_t number : numbers_) {
      entries.push_back(golden_.at(search).at(number));
    }
    return entries;
  }

  void ExpectSameBitsOnThreads(kernels::ElementType weights) {
    const auto model = models::LoadModel(
        models::ModelFolder(models::BundledFolder()), {.type = weights});
    std::vector<Ids> sources;
    for (const auto& entry : Expected("greedy")) {
      sources.push_back(entry.at("source_ids").get<Ids>());
      if (sources.size() == 5) break;
    }
    const SearchOptions options = Resolve({.max_length = 12}, model->info());
    const auto expected = TranslateIds(*model, sources, options);
    const auto found = TranslateIds(*model, sources, options, /*threads=*/3);
    for (std::size_t i = 0; i < found.size(); ++i) {
      const Hypothesis& one = expected[i].hypotheses.front();
      const Hypothesis& many = found[i].hypotheses.front();
      EXPECT_EQ(many.ids, one.ids);
      EXPECT_EQ(many.log_probs, one.log_probs);
      EXPECT_EQ(many.score, one.score);
    }
  }

  void ExpectNineOutputsOfTen(Precision precision, const char* name) {
    const Translator rounded(models::BundledFolder(),
                             {.threads = 2, .precision = precision});
    EXPECT_EQ(rounded.info().compute_type, name);
    EXPECT_EQ(rounded.info().cache_type, "bf16");
    EXPECT_EQ(translator_.info().cache_type, "f32");
    const auto results = rounded.TranslateAll(
        texts_, {.beam_size = 1, .split = TextSplit::kNone});
    const auto expected = Expected("greedy");
    std::size_t same = 0;
    for (std::size_t i = 0; i < results.size(); ++i) {
      ASSERT_EQ(results[i].error, "");
      same += results[i].text() == expected[i].at("text").get<std::string>();
    }
    EXPECT_GE(10 * same, 9 * results.size())
        << same << " of " << results.size();
  }

  nlohmann::json golden_ =
      models::ReadGoldenJson(models::GoldenFolder() / "bundled/golden.json");
  Translator translator_{models::BundledFolder(),
                         {.threads = 2, .precision = Precision::kF32}};
  std::vector<std::string> texts_;
  std::vector<std::size_t> numbers_;
};

TEST_F(GoldenBundledTest, GreedyTranslationsAreThoseOfTransformers) {
  const auto results = translator_.TranslateAll(
      texts_, {.beam_size = 1, .split = TextSplit::kNone});
  const auto expected = Expected("greedy");
  ASSERT_GE(results.size(), 5u);
  for (std::size_t i = 0; i < results.size(); ++i) {
    SCOPED_TRACE(texts_[i]);
    ASSERT_EQ(results[i].error, "");
    const Hypothesis& found = results[i].hypotheses.front();
    EXPECT_EQ(found.text, expected[i].at("text").get<std::string>());
    ASSERT_EQ(found.ids, expected[i].at("ids").get<Ids>());
    const auto log_probs =
        expected[i].at("log_probs").get<std::vector<float>>();
    double sum = 0;
    for (std::size_t t = 0; t < log_probs.size(); ++t) {
      EXPECT_NEAR(found.log_probs[t], log_probs[t], kTolerance);
      sum += found.log_probs[t];
    }
    EXPECT_EQ(found.score, sum);
  }
}

TEST_F(GoldenBundledTest, Beam4TranslationsAreThoseOfTransformers) {
  const auto results =
      translator_.TranslateAll(texts_, {.split = TextSplit::kNone});
  const auto expected = Expected("beam4");
  for (std::size_t i = 0; i < results.size(); ++i) {
    SCOPED_TRACE(texts_[i]);
    ASSERT_EQ(results[i].error, "");
    const Hypothesis& found = results[i].hypotheses.front();
    EXPECT_EQ(found.text, expected[i].at("text").get<std::string>());
    EXPECT_EQ(found.ids, expected[i].at("ids").get<Ids>());
    EXPECT_NEAR(found.score, expected[i].at("score").get<double>(), kTolerance);
  }
}

// Rounded to integers, nearly all outputs stay what they are: 94.1 % on the
// public test.
TEST_F(GoldenBundledTest, IntegersKeepNineOutputsOfTen) {
  ExpectNineOutputsOfTen(Precision::kInt8, "int8");
}

TEST_F(GoldenBundledTest, Bf16KeepsNineOutputsOfTen) {
  ExpectNineOutputsOfTen(Precision::kBf16, "bf16");
}

// Few and short: threads that wait for each other are slow on a busy machine.
TEST_F(GoldenBundledTest, ThreadsInsideOperationsChangeNoBit) {
  for (const kernels::ElementType type : kernels::kWeightTypes) {
    ExpectSameBitsOnThreads(type);
  }
}

TEST_F(GoldenBundledTest, PiecesNameTheIds) {
  const Translation result = translator_.Translate("Where is the station?");
  const Hypothesis& best = result.hypotheses.front();
  ASSERT_EQ(best.pieces.size(), best.ids.size());
  EXPECT_EQ(best.pieces.back(), "</s>");
  std::string joined;
  for (const std::string& piece : best.pieces) joined += piece;
  EXPECT_NE(joined.find("gare"), std::string::npos);
}

}  // namespace
}  // namespace tessera::engine
