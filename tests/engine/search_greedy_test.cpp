// Greedy search, step by step.
#include <gtest/gtest.h>
#include <tessera/error.h>

#include <limits>
#include <vector>

#include "tests/engine/search_feed.h"

namespace tessera::engine {
namespace {

using Tokens = std::vector<std::int32_t>;

class GreedySearchTest : public testing::Test {
 protected:
  ModelRules rules_{FedConfig()};
  std::unique_ptr<Search> search_ =
      MakeSearch({.beam_size = 1, .max_length = 5}, rules_);
};

TEST_F(GreedySearchTest, StartsWithTheStartToken) {
  ASSERT_EQ(search_->rows().size(), 1u);
  EXPECT_EQ(search_->rows()[0].parent, -1);
  EXPECT_EQ(search_->rows()[0].tokens.front(), 9);
}

TEST_F(GreedySearchTest, ReadsTheTokenItTookAfterItsOwnRow) {
  EXPECT_TRUE(Feed(*search_, {{{4, -0.5F}}}));
  EXPECT_EQ(search_->rows()[0].parent, 0);
  EXPECT_EQ(search_->rows()[0].tokens.front(), 4);
}

TEST_F(GreedySearchTest, EndsWithEosAndSumsLogProbabilities) {
  EXPECT_TRUE(Feed(*search_, {{{4, -0.5F}}}));
  EXPECT_FALSE(Feed(*search_, {{{0, -0.25F}}}));
  const auto outputs = search_->Finish();
  ASSERT_EQ(outputs.size(), 1u);
  EXPECT_EQ(outputs[0].ids, (Tokens{4, 0}));
  EXPECT_EQ(outputs[0].log_probs, (std::vector<float>{-0.5F, -0.25F}));
  EXPECT_EQ(outputs[0].score, -0.75);
}

TEST_F(GreedySearchTest, EndsAtMaxLengthWithoutEos) {
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(Feed(*search_, {{{4, -1.0F}}}));
  EXPECT_FALSE(Feed(*search_, {{{4, -1.0F}}}));
  EXPECT_EQ(search_->Finish()[0].ids, (Tokens{4, 4, 4, 4}));
}

TEST_F(GreedySearchTest, IgnoresFurtherCandidates) {
  EXPECT_TRUE(Feed(*search_, {{{4, -0.5F}, {0, -0.6F}}}));
  EXPECT_EQ(search_->rows()[0].tokens.front(), 4);
}

TEST_F(GreedySearchTest, FailsWhenNoTokenIsPossible) {
  const float inf = std::numeric_limits<float>::infinity();
  EXPECT_THROW(Feed(*search_, {{{0, -inf}}}), Error);
}

TEST_F(GreedySearchTest, FailsForLogProbabilitiesThatAreNotNumbers) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  EXPECT_THROW(Feed(*search_, {{{0, nan}}}), Error);
}

}  // namespace
}  // namespace tessera::engine
