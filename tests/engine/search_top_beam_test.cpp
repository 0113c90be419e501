// Beam search that ends with its best beam, rule by rule.
#include <gtest/gtest.h>
#include <tessera/error.h>

#include <limits>
#include <vector>

#include "tests/engine/search_feed.h"

namespace tessera::engine {
namespace {

using models::EarlyStopping;
using models::LengthPenaltyForm;
using Tokens = std::vector<std::int32_t>;

// Searches with 2 beams and without a length penalty unless told otherwise.
class TopBeamTest : public testing::Test {
 protected:
  void Start(SearchOptions options) {
    options.beam_size = 2;
    options.early_stopping = EarlyStopping::kTopBeam;
    search_ = MakeSearch(options, rules_);
  }
  bool Step(const std::vector<FedRow>& rows) { return Feed(*search_, rows); }

  // EOS is second; then the better beam ends, too.
  void EndBehindABeamThatEndedBefore() {
    Step({{{5, -1.0F}, {0, -1.5F}}});
    Step({{{6, -0.25F}, {7, -9.0F}}, {{8, -0.5F}, {9, -9.0F}}});
    Step({{{0, -0.25F}, {7, -9.0F}}, {{4, -0.5F}, {9, -9.0F}}});
  }

  ModelRules rules_{FedConfig()};
  std::unique_ptr<Search> search_ =
      MakeSearch({.beam_size = 2,
                  .length_penalty = 0,
                  .early_stopping = EarlyStopping::kTopBeam,
                  .max_length = 8},
                 rules_);
};

TEST_F(TopBeamTest, WantsAsManyCandidatesAsBeams) {
  EXPECT_EQ(search_->candidates(), 2u);
}

TEST_F(TopBeamTest, EndsWhenTheBestBeamEndsWithEos) {
  EXPECT_TRUE(Step({{{5, -1.0F}, {6, -2.0F}}}));
  EXPECT_FALSE(Step({{{0, -1.0F}, {1, -7.0F}}, {{1, -1.0F}, {2, -7.0F}}}));
  const auto outputs = search_->Finish();
  ASSERT_EQ(outputs.size(), 2u);
  EXPECT_EQ(outputs[0].ids, (Tokens{5, 0}));
  EXPECT_EQ(outputs[0].score, -2.0);
  EXPECT_EQ(outputs[1].ids, (Tokens{6, 1}));  // it has no EOS
  EXPECT_EQ(outputs[1].score, -3.0);
}

TEST_F(TopBeamTest, EndsAlthoughAnotherBeamCouldStillWin) {
  EXPECT_FALSE(Step({{{0, -1.0F}, {5, -1.0625F}}}));
  EXPECT_EQ(search_->Finish()[0].ids, Tokens{0});
}

TEST_F(TopBeamTest, ABeamWithEosThatIsNotTheBestGrowsOn) {
  EXPECT_TRUE(Step({{{5, -1.0F}, {0, -1.5F}}}));
  ASSERT_EQ(search_->rows().size(), 2u);
  EXPECT_EQ(search_->rows()[1].tokens.front(), 0);
  EXPECT_TRUE(Step({{{6, -0.25F}, {7, -9.0F}}, {{8, -0.5F}, {9, -9.0F}}}));
  EXPECT_EQ(search_->rows()[1].parent, 1);
  EXPECT_EQ(search_->rows()[1].tokens.front(), 8);
}

TEST_F(TopBeamTest, AnEosBeforeTheLastTokenDoesNotEndTheBestBeam) {
  Step({{{5, -1.0F}, {0, -1.5F}}});
  // The beam with EOS overtakes the other, but grows by a word as it does.
  EXPECT_TRUE(Step({{{6, -5.0F}, {7, -9.0F}}, {{8, -0.5F}, {9, -9.0F}}}));
  EXPECT_EQ(search_->rows()[0].parent, 1);
  EXPECT_EQ(search_->rows()[0].tokens.front(), 8);
}

TEST_F(TopBeamTest, SetsNoOutputAside) {
  Step({{{5, -1.0F}, {0, -1.5F}}});
  // Both best continuations are of the beam without EOS: the other is lost.
  Step({{{6, -0.125F}, {7, -0.25F}}, {{8, -5.0F}, {9, -9.0F}}});
  EXPECT_FALSE(Step({{{0, -1.0F}, {7, -9.0F}}, {{0, -2.0F}, {9, -9.0F}}}));
  const auto outputs = search_->Finish();
  ASSERT_EQ(outputs.size(), 2u);
  EXPECT_EQ(outputs[0].ids, (Tokens{5, 6, 0}));
  EXPECT_EQ(outputs[1].ids, (Tokens{5, 7, 0}));
}

TEST_F(TopBeamTest, CutsIdsAndLogProbsAfterTheFirstEos) {
  EndBehindABeamThatEndedBefore();
  const auto outputs = search_->Finish();
  ASSERT_EQ(outputs.size(), 2u);
  EXPECT_EQ(outputs[0].ids, (Tokens{5, 6, 0}));
  EXPECT_EQ(outputs[0].log_probs, (std::vector<float>{-1.0F, -0.25F, -0.25F}));
  EXPECT_EQ(outputs[1].ids, Tokens{0});
  EXPECT_EQ(outputs[1].log_probs, std::vector<float>{-1.5F});
}

TEST_F(TopBeamTest, ScoresTheWholeBeam) {
  EndBehindABeamThatEndedBefore();
  EXPECT_EQ(search_->Finish()[0].score, -1.5);
  EXPECT_EQ(search_->Finish()[1].score, -2.5);  // -1.5 - 0.5 - 0.5
}

TEST_F(TopBeamTest, DividesByTheNormaliserOfTheWholeBeam) {
  Start({.length_penalty = 2, .max_length = 8});
  EndBehindABeamThatEndedBefore();
  EXPECT_FLOAT_EQ(static_cast<float>(search_->Finish()[1].score), -2.5F / 9);
  Start({.length_penalty = 2,
         .length_penalty_form = LengthPenaltyForm::kGnmt,
         .max_length = 8});
  EndBehindABeamThatEndedBefore();
  EXPECT_FLOAT_EQ(static_cast<float>(search_->Finish()[1].score),
                  -2.5F * 36 / 64);
}

TEST_F(TopBeamTest, EndsAtMaxLengthWithoutAnEos) {
  Start({.length_penalty = 0, .max_length = 3});
  EXPECT_TRUE(Step({{{5, -1.0F}, {6, -2.0F}}}));
  EXPECT_FALSE(Step({{{1, -1.0F}, {2, -2.0F}}, {{1, -7.0F}, {2, -7.0F}}}));
  const auto outputs = search_->Finish();
  ASSERT_EQ(outputs.size(), 2u);
  EXPECT_EQ(outputs[0].ids, (Tokens{5, 1}));
  EXPECT_EQ(outputs[1].ids, (Tokens{5, 2}));
}

TEST_F(TopBeamTest, LeavesOutBeamsThatNoModelGave) {
  const float inf = std::numeric_limits<float>::infinity();
  EXPECT_FALSE(Step({{{0, -0.5F}, {1, -inf}}}));
  const auto outputs = search_->Finish();
  ASSERT_EQ(outputs.size(), 1u);
  EXPECT_EQ(outputs[0].ids, Tokens{0});
}

TEST_F(TopBeamTest, FailsWhenNoTokenIsPossible) {
  const float inf = std::numeric_limits<float>::infinity();
  EXPECT_FALSE(Step({{{0, -inf}, {1, -inf}}}));
  EXPECT_THROW(search_->Finish(), Error);
}

}  // namespace
}  // namespace tessera::engine
