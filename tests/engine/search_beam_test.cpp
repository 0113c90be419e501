// Beam search, rule by rule.
#include <gtest/gtest.h>
#include <tessera/error.h>

#include <cmath>
#include <limits>
#include <vector>

#include "tests/engine/fake_model.h"
#include "tests/engine/search_driver.h"
#include "tests/engine/search_feed.h"

namespace tessera::engine {
namespace {

using models::EarlyStopping;
using models::LengthPenaltyForm;
using Tokens = std::vector<std::int32_t>;

// Searches with 2 beams, so with 4 continuations a step, unless told otherwise.
class BeamSearchTest : public testing::Test {
 protected:
  void Start(SearchOptions options) {
    options.beam_size = 2;
    search_ = MakeSearch(options, rules_);
  }
  bool Step(const std::vector<FedRow>& rows) { return Feed(*search_, rows); }

  ModelRules rules_{FedConfig()};
  std::unique_ptr<Search> search_ =
      MakeSearch({.beam_size = 2, .max_length = 8}, rules_);
};

TEST_F(BeamSearchTest, BeginsWithOneRow) {
  ASSERT_EQ(search_->rows().size(), 1u);
  EXPECT_EQ(search_->rows()[0].parent, -1);
  EXPECT_EQ(search_->rows()[0].tokens.front(), 9);
}

TEST_F(BeamSearchTest, WantsTwiceAsManyCandidatesAsBeams) {
  EXPECT_EQ(search_->candidates(), 4u);
}

TEST_F(BeamSearchTest, WantsMoreCandidatesForMoreEosTokens) {
  auto config = FedConfig();
  config.eos_token_ids = {0, 1, 2};
  const ModelRules rules(config);
  EXPECT_EQ(MakeSearch({.beam_size = 5, .max_length = 8}, rules)->candidates(),
            20u);
}

TEST_F(BeamSearchTest, ContinuesTheBestTokensOfTheFirstRow) {
  Step({{{5, -1.0F}, {6, -2.0F}, {7, -3.0F}, {8, -4.0F}}});
  ASSERT_EQ(search_->rows().size(), 2u);
  EXPECT_EQ(search_->rows()[0].parent, 0);
  EXPECT_EQ(search_->rows()[0].tokens.front(), 5);
  EXPECT_EQ(search_->rows()[1].parent, 0);
  EXPECT_EQ(search_->rows()[1].tokens.front(), 6);
}

TEST_F(BeamSearchTest, BothBeamsMayContinueTheSameRow) {
  Step({{{5, -1.0F}, {6, -2.0F}, {7, -3.0F}, {8, -4.0F}}});
  Step({{{1, -1.0F}, {2, -5.0F}, {3, -6.0F}, {4, -7.0F}},
        {{1, -0.5F}, {2, -0.6F}, {3, -6.0F}, {4, -7.0F}}});
  ASSERT_EQ(search_->rows().size(), 2u);
  EXPECT_EQ(search_->rows()[0].parent, 0);  // -2
  EXPECT_EQ(search_->rows()[1].parent, 1);  // -2.5, before -2.6
  EXPECT_EQ(search_->rows()[1].tokens.front(), 1);
  Step({{{1, -9.0F}, {2, -9.0F}, {3, -9.0F}, {4, -9.0F}},
        {{1, -0.5F}, {2, -0.6F}, {3, -6.0F}, {4, -7.0F}}});
  EXPECT_EQ(search_->rows()[0].parent, 1);
  EXPECT_EQ(search_->rows()[1].parent, 1);
}

TEST_F(BeamSearchTest, PrefersTheLowerBeamThenTheLowerTokenAmongEquals) {
  Step({{{7, -1.0F}, {8, -1.0F}, {5, -3.0F}, {6, -4.0F}}});
  Step({{{1, -1.0F}, {3, -1.0F}, {4, -6.0F}, {5, -7.0F}},
        {{1, -1.0F}, {2, -1.0F}, {3, -6.0F}, {4, -7.0F}}});
  EXPECT_EQ(search_->rows()[0].parent, 0);
  EXPECT_EQ(search_->rows()[0].tokens.front(), 1);
  EXPECT_EQ(search_->rows()[1].parent, 0);
  EXPECT_EQ(search_->rows()[1].tokens.front(), 3);
}

TEST_F(BeamSearchTest, KeepsFinishedHypothesisWhenItsScoreIsBest) {
  Step({{{0, -0.5F}, {5, -1.0F}, {6, -2.0F}, {7, -3.0F}}});
  // Sums of -7 and less over 2 tokens cannot beat -0.5 over 1.
  const bool goes_on = Step({{{0, -6.0F}, {1, -7.0F}, {2, -8.0F}, {3, -9.0F}},
                             {{0, -6.0F}, {1, -7.0F}, {2, -8.0F}, {3, -9.0F}}});
  EXPECT_FALSE(goes_on);
  const auto outputs = search_->Finish();
  ASSERT_EQ(outputs.size(), 2u);
  EXPECT_EQ(outputs[0].ids, Tokens{0});
  EXPECT_EQ(outputs[0].score, -0.5);
  EXPECT_EQ(outputs[1].ids, (Tokens{5, 0}));
  EXPECT_EQ(outputs[1].score, -3.5);
  EXPECT_EQ(outputs[1].log_probs, (std::vector<float>{-1.0F, -6.0F}));
}

TEST_F(BeamSearchTest, FinishesOnlyAmongTheFirstRanks) {
  Step({{{5, -1.0F}, {6, -2.0F}, {0, -3.0F}, {7, -4.0F}}});
  // EOS was third: it neither finished nor runs on.
  EXPECT_EQ(search_->rows()[0].tokens.front(), 5);
  EXPECT_EQ(search_->rows()[1].tokens.front(), 6);
  Step({{{0, -1.0F}, {1, -7.0F}, {2, -8.0F}, {3, -9.0F}},
        {{0, -1.0F}, {1, -7.0F}, {2, -8.0F}, {3, -9.0F}}});
  const auto outputs = search_->Finish();
  ASSERT_EQ(outputs.size(), 2u);
  EXPECT_EQ(outputs[0].ids, (Tokens{5, 0}));
  EXPECT_EQ(outputs[1].ids, (Tokens{6, 0}));
}

TEST_F(BeamSearchTest, AFinishedOneMakesRoomForARunnerFromFurtherDown) {
  Step({{{0, -0.5F}, {5, -1.0F}, {6, -2.0F}, {7, -3.0F}}});
  EXPECT_EQ(search_->rows()[0].tokens.front(), 5);
  EXPECT_EQ(search_->rows()[1].tokens.front(), 6);
}

TEST_F(BeamSearchTest, ReplacesTheWorstFinishedOneByABetter) {
  Start({.length_penalty = 0, .max_length = 8});
  Step({{{0, -4.0F}, {5, -4.5F}, {6, -5.0F}, {7, -6.0F}}});
  Step({{{0, -0.5F}, {1, -1.0F}, {2, -8.0F}, {3, -9.0F}},
        {{0, -8.0F}, {1, -8.0F}, {2, -8.0F}, {3, -9.0F}}});
  EXPECT_FALSE(Step({{{1, -3.0F}, {2, -8.0F}, {3, -9.0F}, {4, -9.0F}},
                     {{1, -8.0F}, {2, -8.0F}, {3, -9.0F}, {4, -9.0F}}}));
  const auto outputs = search_->Finish();
  ASSERT_EQ(outputs.size(), 2u);
  EXPECT_EQ(outputs[0].score, -4.0);
  EXPECT_EQ(outputs[1].score, -5.0);
}

TEST_F(BeamSearchTest, DividesTheSumByThePoweredLengthWithEos) {
  Start({.length_penalty = 2, .max_length = 8});
  Step({{{5, -1.0F}, {6, -2.0F}, {7, -3.0F}, {8, -4.0F}}});
  Step({{{0, -1.0F}, {1, -7.0F}, {2, -8.0F}, {3, -9.0F}},
        {{0, -4.0F}, {1, -7.0F}, {2, -8.0F}, {3, -9.0F}}});
  EXPECT_EQ(search_->Finish()[0].score, -0.5);  // -2 / 2^2
  EXPECT_EQ(search_->Finish()[1].score, -1.5);  // -6 / 2^2
}

TEST_F(BeamSearchTest, GnmtDividesTheSumByItsOwnPower) {
  Start({.length_penalty = 2,
         .length_penalty_form = LengthPenaltyForm::kGnmt,
         .max_length = 8});
  Step({{{5, -1.0F}, {6, -2.0F}, {7, -3.0F}, {8, -4.0F}}});
  Step({{{0, -1.0F}, {1, -7.0F}, {2, -8.0F}, {3, -9.0F}},
        {{0, -4.0F}, {1, -7.0F}, {2, -8.0F}, {3, -9.0F}}});
  const auto outputs = search_->Finish();
  EXPECT_FLOAT_EQ(static_cast<float>(outputs[0].score), -72.0F / 49);
  EXPECT_FLOAT_EQ(static_cast<float>(outputs[1].score), -216.0F / 49);
}

// Finished: sums of -1.5 over 1 token and -2 over 2; the best runner: -2.5 over
// 2. By powers that is -1.5, -1 and -1.25; else -1.5, -1.71 and -2.14.
TEST_F(BeamSearchTest, GnmtDecidesWhetherTheBestRunnerCanWin) {
  const std::vector<FedRow> first = {
      {{5, -1.0F}, {0, -1.5F}, {6, -1.75F}, {8, -4.0F}}};
  const std::vector<FedRow> second = {
      {{0, -1.0F}, {1, -1.5F}, {2, -8.0F}, {3, -9.0F}},
      {{1, -8.0F}, {2, -8.0F}, {3, -8.0F}, {4, -9.0F}}};
  Step(first);
  EXPECT_TRUE(Step(second));
  Start({.length_penalty_form = LengthPenaltyForm::kGnmt, .max_length = 8});
  Step(first);
  EXPECT_FALSE(Step(second));
}

// Two outputs of score -2 are finished, the best runner has the sum -2.5.
void FinishTwoOfScoreMinusTwo(Search& search, bool& goes_on) {
  Feed(search, {{{5, -1.0F}, {6, -1.0F}, {7, -1.5F}, {8, -4.0F}}});
  goes_on = Feed(search, {{{0, -1.0F}, {1, -1.5F}, {2, -8.0F}, {3, -9.0F}},
                          {{0, -1.0F}, {1, -1.75F}, {2, -8.0F}, {3, -9.0F}}});
}

TEST_F(BeamSearchTest, EndsWhenTheBestRunnerCannotWinAtItsLength) {
  Start({.length_penalty = 0, .max_length = 8});
  bool goes_on = true;
  FinishTwoOfScoreMinusTwo(*search_, goes_on);
  EXPECT_FALSE(goes_on);
}

TEST_F(BeamSearchTest, NeverLooksAtTheLengthThatARunnerMayReach) {
  // -2.5 / 2 loses to -2 / 2, -2.5 / 7 would win.
  bool goes_on = true;
  FinishTwoOfScoreMinusTwo(*search_, goes_on);
  EXPECT_FALSE(goes_on);
  Start({.early_stopping = EarlyStopping::kNever, .max_length = 8});
  FinishTwoOfScoreMinusTwo(*search_, goes_on);
  EXPECT_TRUE(goes_on);
}

TEST_F(BeamSearchTest, FirstEndsAsSoonAsAllAreFinished) {
  const std::vector<FedRow> first = {
      {{5, -0.5F}, {0, -1.0F}, {6, -1.25F}, {8, -4.0F}}};
  // Finished: -1 and -1.5. The best runner, with -1.4, could still win.
  const std::vector<FedRow> second = {
      {{1, -0.9F}, {0, -1.0F}, {2, -8.0F}, {3, -9.0F}},
      {{0, -8.0F}, {1, -8.0F}, {2, -8.0F}, {3, -9.0F}}};
  Start({.length_penalty = 0, .max_length = 8});
  Step(first);
  EXPECT_TRUE(Step(second));
  Start({.length_penalty = 0,
         .early_stopping = EarlyStopping::kFirst,
         .max_length = 8});
  Step(first);
  EXPECT_FALSE(Step(second));
}

TEST_F(BeamSearchTest, EndsWhenTheBestRunnerOnlyEqualsTheWorstFinishedOne) {
  Start({.length_penalty = 0, .max_length = 8});
  Step({{{5, -1.0F}, {6, -1.0F}, {7, -1.5F}, {8, -4.0F}}});
  // Finished: -2 and -2.5. The best runner has -2.5.
  EXPECT_FALSE(Step({{{0, -1.0F}, {1, -8.0F}, {2, -8.0F}, {3, -9.0F}},
                     {{0, -1.5F}, {1, -1.5F}, {2, -8.0F}, {3, -9.0F}}}));
}

TEST_F(BeamSearchTest, OutputsWithoutEosFinishAtMaxLength) {
  Start({.max_length = 2});
  EXPECT_FALSE(Step({{{5, -1.0F}, {0, -2.0F}, {6, -3.0F}, {7, -4.0F}}}));
  const auto outputs = search_->Finish();
  ASSERT_EQ(outputs.size(), 2u);
  EXPECT_EQ(outputs[0].ids, Tokens{5});
  EXPECT_EQ(outputs[1].ids, Tokens{0});
}

TEST_F(BeamSearchTest, AForcedFirstTokenRunsOnInASingleRealBeam) {
  const float inf = std::numeric_limits<float>::infinity();
  EXPECT_TRUE(Step({{{5, 0.0F}, {0, -inf}, {1, -inf}, {2, -inf}}}));
  for (const SearchRow& row : search_->rows()) EXPECT_EQ(row.tokens.front(), 5);
  const FedRow equal = {{1, -1.0F}, {2, -2.0F}, {3, -3.0F}, {4, -4.0F}};
  EXPECT_TRUE(Step({equal, equal}));
  EXPECT_EQ(search_->rows()[0].parent, 0);
  EXPECT_EQ(search_->rows()[0].tokens.front(), 1);
  EXPECT_EQ(search_->rows()[1].parent, 0);
  EXPECT_EQ(search_->rows()[1].tokens.front(), 2);
}

TEST_F(BeamSearchTest, EndsWithOneOutputWhereOnlyEosIsPossible) {
  const float inf = std::numeric_limits<float>::infinity();
  EXPECT_FALSE(Step({{{0, -0.5F}, {1, -inf}, {2, -inf}, {3, -inf}}}));
  const auto outputs = search_->Finish();
  ASSERT_EQ(outputs.size(), 1u);
  EXPECT_EQ(outputs[0].ids, Tokens{0});
}

TEST_F(BeamSearchTest, FailsWhenNoTokenIsPossible) {
  const float inf = std::numeric_limits<float>::infinity();
  EXPECT_FALSE(Step({{{0, -inf}, {1, -inf}, {2, -inf}, {3, -inf}}}));
  EXPECT_THROW(search_->Finish(), Error);
}

TEST_F(BeamSearchTest, FailsForLogProbabilitiesThatAreNotNumbers) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const float inf = std::numeric_limits<float>::infinity();
  EXPECT_THROW(Step({{{0, -1.0F}, {1, nan}, {2, -1.0F}, {3, -1.0F}}}), Error);
  EXPECT_THROW(Step({{{0, inf}, {1, 0.0F}, {2, -1.0F}, {3, -1.0F}}}), Error);
}

// Sums below -1e9 once they are divided are sums of outputs all the same.
TEST(LengthPenaltyTest, TheEndsOfItsRangeGiveOutputsBestFirst) {
  for (const double penalty : {-10.0, -7.0, -5.0, 7.0, 10.0}) {
    for (const float eos_bias : {-6.0F, 0.0F, 3.0F}) {
      FakeModel model(HashedLogits(3, 20), FakeInfo(20));
      model.logits.eos_bias = eos_bias;
      models::GenerationConfig config = model.info().generation;
      config.length_penalty = penalty;
      const auto outputs = RunSearch(model, {1, 2, 3}, config);
      ASSERT_EQ(outputs.size(), config.num_beams);
      for (std::size_t i = 0; i < outputs.size(); ++i) {
        if (i > 0) {
          EXPECT_LE(outputs[i].score, outputs[i - 1].score);
        }
        double sum = 0;
        for (const float log_prob : outputs[i].log_probs) {
          sum += static_cast<double>(log_prob);
        }
        const auto length = static_cast<double>(outputs[i].ids.size());
        EXPECT_NEAR(outputs[i].score / (sum / std::pow(length, penalty)), 1,
                    1e-5);
      }
    }
  }
}

TEST_F(BeamSearchTest, GivesAsManyOutputsAsAreAskedFor) {
  for (const std::size_t n_best : {1u, 2u}) {
    Start({.n_best = n_best, .max_length = 2});
    Step({{{5, -1.0F}, {6, -2.0F}, {7, -3.0F}, {8, -4.0F}}});
    EXPECT_EQ(search_->Finish().size(), n_best);
    EXPECT_EQ(search_->Finish()[0].ids, Tokens{5});
  }
}

}  // namespace
}  // namespace tessera::engine
