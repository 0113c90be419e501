// Outputs of tiny random models against other implementations, with the
// settings of their folders, under every instruction set.
#include <gtest/gtest.h>

#include <algorithm>

#include "engine/search/search_options.h"
#include "tests/engine/golden_batch.h"
#include "tests/models/golden.h"

namespace tessera::engine {
namespace {

using nlohmann::json;

#ifdef __SANITIZE_ADDRESS__
constexpr std::size_t kMostSources = 36;  // 20 times slower
#else
constexpr std::size_t kMostSources = 100;
#endif

class GoldenTinyTest : public testing::TestWithParam<std::string> {
 protected:
  GoldenTinyTest()
      : folder_(models::GoldenFolder() / GetParam()),
        golden_(models::ReadGoldenJson(folder_ / "golden.json")),
        model_(models::LoadModel(models::ModelFolder(folder_))),
        sources_(golden_.at("sources").get<std::vector<Ids>>()) {
    EXPECT_EQ(sources_.size(), 100u);
    sources_.resize(kMostSources);
  }

  std::vector<Translation> Translate(const TranslateOptions& options) {
    return TranslateIds(*model_, sources_, Resolve(options, model_->info()));
  }

  // The other one itself may be as far as this from its float64 run.
  double Tolerance() const {
    return std::max(1e-4, 4 * golden_.at("float64_distance").get<double>());
  }

  std::filesystem::path folder_;
  json golden_;
  std::unique_ptr<models::Model> model_;
  std::vector<Ids> sources_;
};

TEST_P(GoldenTinyTest, GreedyOutputsAreThoseOfAnotherImplementation) {
  const auto results = Translate({.beam_size = 1});
  const json& expected = golden_.at("greedy");
  ASSERT_GE(expected.size(), results.size());
  for (std::size_t i = 0; i < results.size(); ++i) {
    SCOPED_TRACE("source " + std::to_string(i));
    ASSERT_EQ(results[i].error, "");
    const Hypothesis& found = results[i].hypotheses.front();
    ASSERT_EQ(found.ids, expected[i].at("ids").get<Ids>());
    if (!expected[i].contains("log_probs")) continue;
    const auto log_probs =
        expected[i].at("log_probs").get<std::vector<float>>();
    ASSERT_EQ(found.log_probs.size(), log_probs.size());
    for (std::size_t t = 0; t < log_probs.size(); ++t) {
      EXPECT_NEAR(found.log_probs[t], log_probs[t], Tolerance());
    }
  }
}

TEST_P(GoldenTinyTest, BeamOutputsAreThoseOfAnotherImplementation) {
  const auto results = Translate({});
  const json& expected = golden_.at("beam");
  ASSERT_GE(expected.size(), results.size());
  for (std::size_t i = 0; i < results.size(); ++i) {
    SCOPED_TRACE("source " + std::to_string(i));
    ASSERT_EQ(results[i].error, "");
    const Hypothesis& found = results[i].hypotheses.front();
    EXPECT_EQ(found.ids, expected[i].at("ids").get<Ids>());
    EXPECT_NEAR(found.score, expected[i].at("score").get<double>(),
                Tolerance());
  }
}

INSTANTIATE_TEST_SUITE_P(TinyModels, GoldenTinyTest,
                         testing::ValuesIn(models::TinyModels()),
                         [](const auto& test) {
                           return models::TestName(test.param);
                         });

}  // namespace
}  // namespace tessera::engine
