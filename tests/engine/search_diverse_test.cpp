// Groups of beams against the same written densely over a tiny vocabulary.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "engine/search/search_options.h"
#include "tests/engine/fake_model.h"
#include "tests/engine/golden_batch.h"

namespace tessera::engine {
namespace {

constexpr std::size_t kVocabulary = 9;
constexpr std::int32_t kStart = kVocabulary - 1;

struct Beam {
  Ids ids;
  float sum = 0;
};

// Groups of one beam, whose outputs do not end before max_length: there is
// nothing to choose but the best token.
std::vector<Beam> GreedyGroups(const FakeModel& model, const Ids& source,
                               std::size_t groups, float penalty,
                               std::size_t max_length) {
  std::vector<Beam> beams(groups);
  for (std::size_t length = 1; length < max_length; ++length) {
    std::vector<std::size_t> taken(kVocabulary);
    for (Beam& beam : beams) {
      auto state = HashedLogits::Read(model.logits.Start(source), kStart);
      for (const auto id : beam.ids) state = HashedLogits::Read(state, id);
      std::vector<float> scores = model.logits.Logits(state);
      double sum = 0;
      for (const float s : scores) sum += std::exp(static_cast<double>(s));
      for (std::size_t t = 0; t < kVocabulary; ++t) {
        scores[t] -= static_cast<float>(std::log(sum));
        scores[t] -= penalty * static_cast<float>(taken[t]);
      }
      const auto best = std::ranges::max_element(scores) - scores.begin();
      beam.ids.push_back(static_cast<std::int32_t>(best));
      beam.sum += scores[static_cast<std::size_t>(best)];
      ++taken[static_cast<std::size_t>(best)];
    }
  }
  return beams;
}

Translation Diverse(const FakeModel& model, const Ids& source,
                    const TranslateOptions& options) {
  return TranslateIds(model, {source, {1}, source},
                      Resolve(options, model.info()))
      .back();
}

FakeModel EndlessModel(unsigned seed) {
  FakeModel model(HashedLogits(seed, kVocabulary), FakeInfo(kVocabulary));
  model.logits.eos_bias = -100;  // outputs go on to max_length
  return model;
}

TEST(DiverseBeamsTest, GroupsOfOneBeamTakeTheBestTokenThatIsLeft) {
  for (unsigned seed = 0; seed < 40; ++seed) {
    const FakeModel model = EndlessModel(seed);
    const Ids source = {2, static_cast<std::int32_t>(seed % 7)};
    for (const double penalty : {0.5, 3.0, 100.0}) {
      auto expected =
          GreedyGroups(model, source, 3, static_cast<float>(penalty), 7);
      const auto found = Diverse(model, source,
                                 {.beam_size = 3,
                                  .length_penalty = 0,
                                  .max_length = 7,
                                  .beam_groups = 3,
                                  .diversity_penalty = penalty});
      ASSERT_EQ(found.error, "");
      ASSERT_EQ(found.hypotheses.size(), 3u);
      std::ranges::stable_sort(expected, std::ranges::greater(), &Beam::sum);
      for (std::size_t i = 0; i < 3; ++i) {
        EXPECT_EQ(found.hypotheses[i].ids, expected[i].ids);
        EXPECT_NEAR(found.hypotheses[i].score,
                    static_cast<double>(expected[i].sum), 1e-3);
      }
    }
  }
}

TEST(DiverseBeamsTest, WithoutPenaltyEachGroupIsABeamSearch) {
  for (unsigned seed = 0; seed < 40; ++seed) {
    FakeModel model(HashedLogits(seed, kVocabulary), FakeInfo(kVocabulary));
    model.logits.eos_bias = 2;
    const Ids source = {1, 3, static_cast<std::int32_t>(seed % 7)};
    const auto one = Diverse(model, source, {.beam_size = 2, .max_length = 12});
    const auto groups = Diverse(
        model, source, {.beam_size = 6, .max_length = 12, .beam_groups = 3});
    ASSERT_EQ(groups.hypotheses.size(), 3 * one.hypotheses.size());
    for (std::size_t i = 0; i < groups.hypotheses.size(); ++i) {
      EXPECT_EQ(groups.hypotheses[i].ids, one.hypotheses[i / 3].ids);
      EXPECT_EQ(groups.hypotheses[i].log_probs,
                one.hypotheses[i / 3].log_probs);
    }
  }
}

TEST(DiverseBeamsTest, AGreatPenaltyMakesAllGroupsDiffer) {
  const FakeModel model = EndlessModel(5);
  const auto found = Diverse(model, {4, 4},
                             {.beam_size = 8,
                              .max_length = 10,
                              .beam_groups = 4,
                              .diversity_penalty = 1000.0});
  ASSERT_EQ(found.hypotheses.size(), 8u);
  std::set<Ids> outputs;
  for (const Hypothesis& output : found.hypotheses) outputs.insert(output.ids);
  EXPECT_EQ(outputs.size(), 8u);
}

}  // namespace
}  // namespace tessera::engine
