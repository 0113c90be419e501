// When a step uses more than one thread.
#include <gtest/gtest.h>

#include <chrono>

#include "engine/worker/worker.h"

namespace tessera::engine {
namespace {

using std::chrono::microseconds;

// Runs steps that take so long; returns how many of them were wide.
std::size_t RunSteps(LendingTrial& trial, std::size_t steps,
                     microseconds narrow, microseconds wide) {
  std::size_t count = 0;
  for (std::size_t i = 0; i < steps; ++i) {
    const bool uses = trial.Uses();
    EXPECT_TRUE(trial.Wants() || !uses);
    count += uses ? 1 : 0;
    trial.Record(trial.Wants(), uses ? wide : narrow);
  }
  return count;
}

TEST(LendingTrialTest, TriesBothWaysInTurn) {
  LendingTrial trial;
  EXPECT_TRUE(trial.Wants());
  EXPECT_EQ(RunSteps(trial, 16, microseconds(10), microseconds(10)), 8u);
}

TEST(LendingTrialTest, LendsWhereItPays) {
  LendingTrial trial;
  EXPECT_GE(RunSteps(trial, 1000, microseconds(20), microseconds(10)), 950u);
}

TEST(LendingTrialTest, StopsWhereItDoesNot) {
  LendingTrial trial;
  EXPECT_LE(RunSteps(trial, 1000, microseconds(10), microseconds(10)), 16u);
  EXPECT_FALSE(trial.Wants());
}

TEST(LendingTrialTest, TriesAgainMoreAndMoreSeldom) {
  LendingTrial trial;
  const std::size_t first =
      RunSteps(trial, 10'000, microseconds(10), microseconds(15));
  const std::size_t second =
      RunSteps(trial, 10'000, microseconds(10), microseconds(15));
  EXPECT_GT(first, second);
  EXPECT_GT(second, 0u);
}

TEST(LendingTrialTest, NoticesThatItPaysNow) {
  LendingTrial trial;
  RunSteps(trial, 1000, microseconds(10), microseconds(15));
  EXPECT_GT(RunSteps(trial, 10'000, microseconds(20), microseconds(10)), 5000u);
}

// As those that start threads or touch new memory.
TEST(LendingTrialTest, SlowFirstStepsDecideNothing) {
  LendingTrial trial;
  RunSteps(trial, 4, microseconds(25), microseconds(900));
  EXPECT_GE(RunSteps(trial, 1000, microseconds(20), microseconds(10)), 950u);
  LendingTrial narrow;
  RunSteps(narrow, 4, microseconds(900), microseconds(15));
  EXPECT_LE(RunSteps(narrow, 1000, microseconds(10), microseconds(10)), 16u);
}

TEST(LendingTrialTest, StepsWithoutThreadsToLendDecideNothing) {
  LendingTrial trial;
  for (int i = 0; i < 100; ++i) trial.Record(false, microseconds(1));
  EXPECT_TRUE(trial.Wants());
  EXPECT_FALSE(trial.Uses());
}

}  // namespace
}  // namespace tessera::engine
