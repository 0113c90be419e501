// Sampling of whole outputs over a model without weights.
#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <set>

#include "engine/search/merged_options.h"
#include "tests/engine/fake_model.h"
#include "tests/engine/golden_batch.h"

namespace tessera::engine {
namespace {

constexpr std::size_t kVocabulary = 6;

FakeModel SmallModel() {
  FakeModel model(HashedLogits(3, kVocabulary), FakeInfo(kVocabulary));
  model.logits.eos_bias = 1;
  return model;
}

// A distribution over outputs of at most two tokens, exactly.
std::map<Ids, double> ExactOutputs(const FakeModel& model, const Ids& source,
                                   double temperature) {
  const auto probabilities = [&](HashedLogits::State state) {
    std::vector<double> p;
    double sum = 0;
    for (const float logit : model.logits.Logits(state)) {
      p.push_back(std::exp(static_cast<double>(logit) / temperature));
      sum += p.back();
    }
    for (double& x : p) x /= sum;
    return p;
  };
  const auto start = HashedLogits::Read(
      model.logits.Start(source), static_cast<std::int32_t>(kVocabulary - 1));
  std::map<Ids, double> outputs;
  const auto first = probabilities(start);
  for (std::int32_t a = 0; a < static_cast<std::int32_t>(kVocabulary); ++a) {
    const double p = first[static_cast<std::size_t>(a)];
    if (a == 0) {
      outputs[{0}] = p;
      continue;
    }
    const auto second = probabilities(HashedLogits::Read(start, a));
    for (std::int32_t b = 0; b < static_cast<std::int32_t>(kVocabulary); ++b) {
      outputs[{a, b}] = p * second[static_cast<std::size_t>(b)];
    }
  }
  return outputs;
}

Translation Sampled(const FakeModel& model, const Ids& source,
                    const TranslateOptions& options) {
  std::deque<IdsRequest> requests;
  requests.emplace_back(source, Resolve(options, model.info()), RequestRules{},
                        RulesOf(options, model.info()));
  return RunRequests(model, requests).front();
}

// 31 outputs; of 30 degrees of freedom Pearson's sum is below 59.7 with
// probability 0.999, and below 75 with 0.99999.
TEST(SamplingTest, OutputsFollowTheDistributionOfTheModel) {
  const FakeModel model = SmallModel();
  constexpr std::size_t kRounds = 500;
  for (const double temperature : {1.0, 3.0}) {
    const Ids source = {1, 4, 2};
    std::map<Ids, std::size_t> counts;
    std::size_t draws = 0;
    for (std::uint64_t seed = 0; seed < kRounds; ++seed) {
      const Translation result = Sampled(model, source,
                                         {.beam_size = 1,
                                          .max_length = 3,
                                          .n_best = 64,
                                          .sample = true,
                                          .seed = seed,
                                          .temperature = temperature,
                                          .top_k = 0});
      ASSERT_EQ(result.error, "");
      for (const Hypothesis& output : result.hypotheses) ++counts[output.ids];
      draws += result.hypotheses.size();
    }
    ASSERT_GE(draws, 20000u);
    double distance = 0;
    std::size_t cells = 0;
    for (const auto& [ids, p] : ExactOutputs(model, source, temperature)) {
      const double expected = p * static_cast<double>(draws);
      if (expected < 5) continue;
      const double count = static_cast<double>(counts[ids]);
      distance += (count - expected) * (count - expected) / expected;
      ++cells;
    }
    EXPECT_GT(cells, 10u);
    EXPECT_LT(distance, 75) << temperature;
  }
}

TEST(SamplingTest, ASeedGivesTheSameOutputsInAnyBatch) {
  const FakeModel model = SmallModel();
  const std::vector<Ids> sources = {{1},    {2, 3}, {4, 1, 1},
                                    {5, 5}, {2},    {3, 3}};
  const TranslateOptions options = {
      .beam_size = 1, .max_length = 30, .n_best = 5, .sample = true, .seed = 9};
  const auto together =
      TranslateIds(model, sources, Resolve(options, model.info()));
  for (std::size_t i = 0; i < sources.size(); ++i) {
    const Translation alone = Sampled(model, sources[i], options);
    ASSERT_EQ(alone.hypotheses.size(), 5u);
    for (std::size_t n = 0; n < 5; ++n) {
      EXPECT_EQ(alone.hypotheses[n].ids, together[i].hypotheses[n].ids);
      EXPECT_EQ(alone.hypotheses[n].log_probs,
                together[i].hypotheses[n].log_probs);
    }
  }
}

TEST(SamplingTest, SeedsAndOutputsDiffer) {
  const FakeModel model = SmallModel();
  std::set<Ids> outputs;
  for (const std::uint64_t seed : {1u, 2u}) {
    for (const Hypothesis& output : Sampled(model, {1, 2},
                                            {.beam_size = 1,
                                            .n_best = 8,
                                            .min_length = 20,
                                            .sample = true,
                                            .seed = seed})
                                        .hypotheses) {
      outputs.insert(output.ids);
    }
  }
  EXPECT_EQ(outputs.size(), 16u);
}

TEST(SamplingTest, ATinyTemperatureGivesTheGreedyOutput) {
  const FakeModel model = SmallModel();
  const Ids source = {3, 1};
  const Translation greedy =
      Sampled(model, source, {.beam_size = 1, .max_length = 20});
  const Translation sampled = Sampled(
      model, source,
      {.beam_size = 1, .max_length = 20, .sample = true, .temperature = 0.01});
  ASSERT_EQ(sampled.error, "");
  EXPECT_EQ(sampled.hypotheses[0].ids, greedy.hypotheses[0].ids);
  EXPECT_EQ(sampled.hypotheses[0].log_probs, greedy.hypotheses[0].log_probs);
}

// The best of the first draws is known: with one beam's first step, K draws
// without replacement out of a known distribution.
TEST(SamplingTest, BeamsAreDrawnByTheirSums) {
  const FakeModel model = SmallModel();
  const Ids source = {2, 2};
  const auto start = HashedLogits::Read(
      model.logits.Start(source), static_cast<std::int32_t>(kVocabulary - 1));
  const std::vector<float> logits = model.logits.Logits(start);
  std::vector<double> p;
  double sum = 0;
  for (const float logit : logits) {
    p.push_back(std::exp(static_cast<double>(logit)));
    sum += p.back();
  }
  // With max_length 2 all continuations stop and the first B of them finish:
  // a token is missing if it is among neither of two draws.
  constexpr std::size_t kDraws = 20000;
  std::vector<std::size_t> counts(kVocabulary);
  for (std::uint64_t seed = 0; seed < kDraws; ++seed) {
    const Translation result = Sampled(
        model, source,
        {.beam_size = 2, .max_length = 2, .sample = true, .seed = seed});
    ASSERT_EQ(result.error, "");
    for (const Hypothesis& output : result.hypotheses) {
      ++counts[static_cast<std::size_t>(output.ids[0])];
    }
  }
  double distance = 0;
  for (std::size_t a = 0; a < kVocabulary; ++a) {
    double chosen = p[a] / sum;
    for (std::size_t b = 0; b < kVocabulary; ++b) {
      if (b != a) chosen += p[b] / sum * p[a] / (sum - p[b]);
    }
    const double expected = chosen * static_cast<double>(kDraws);
    const double variance = expected * (1 - chosen);
    const double count = static_cast<double>(counts[a]);
    distance = std::max(distance, (count - expected) * (count - expected) /
                                      std::max(variance, 1.0));
  }
  EXPECT_LT(distance, 16);  // four standard deviations
}

}  // namespace
}  // namespace tessera::engine
