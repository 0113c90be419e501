// A team runs every round on every thread, whatever lies between the rounds.
#include "kernels/thread_team.h"

#include <gtest/gtest.h>

#include <atomic>
#include <cfenv>
#include <chrono>
#include <csignal>
#include <set>
#include <vector>

#include "kernels/parallel.h"

namespace tessera::kernels {
namespace {

TEST(ThreadTeamTest, RunsEveryThreadOnceARound) {
  for (const std::size_t threads : {1u, 2u, 3u, 8u}) {
    ThreadTeam team(threads);
    ASSERT_EQ(team.threads(), threads);
    std::vector<std::size_t> runs(threads, 0);  // each thread its own
    for (std::size_t round = 1; round <= 2000; ++round) {
      team.Run([&](std::size_t thread) { ++runs[thread]; });
      for (const std::size_t count : runs) ASSERT_EQ(count, round);
    }
  }
}

TEST(ThreadTeamTest, WakesThreadsThatSleep) {
  ThreadTeam team(4);
  std::atomic<int> runs = 0;
  for (int round = 0; round < 20; ++round) {
    std::this_thread::sleep_for(std::chrono::milliseconds(3));
    team.Run([&](std::size_t) { ++runs; });
  }
  EXPECT_EQ(runs, 80);
}

TEST(ThreadTeamTest, WaitsForSlowThreads) {
  ThreadTeam team(4);
  std::atomic<int> done = 0;
  team.Run([&](std::size_t thread) {
    std::this_thread::sleep_for(std::chrono::milliseconds(5 * thread));
    ++done;
  });
  EXPECT_EQ(done, 4);
}

TEST(ThreadTeamTest, TheCallingThreadIsTheFirst) {
  ThreadTeam team(3);
  std::vector<std::thread::id> ids(3);
  team.Run(
      [&](std::size_t thread) { ids[thread] = std::this_thread::get_id(); });
  EXPECT_EQ(ids[0], std::this_thread::get_id());
  EXPECT_EQ(std::set(ids.begin(), ids.end()).size(), 3u);
}

TEST(ThreadTeamTest, ManyTeamsBeginAndEnd) {
  for (int i = 0; i < 100; ++i) {
    ThreadTeam team(3);
    if (i % 2 == 0) team.Run([](std::size_t) {});
  }
}

// The host's rounding is not inherited, its signals go elsewhere.
TEST(ThreadTeamTest, InheritsNeitherRoundingNorSignals) {
  std::fesetround(FE_UPWARD);
  ThreadTeam team(2);
  std::fesetround(FE_TONEAREST);
  int rounding = -1;
  bool blocked = false;
  team.Run([&](std::size_t thread) {
    if (thread == 0) return;
    rounding = std::fegetround();
    sigset_t signals;
    pthread_sigmask(SIG_SETMASK, nullptr, &signals);
    blocked = sigismember(&signals, SIGTERM) == 1 &&
              sigismember(&signals, SIGUSR1) == 1;
  });
  EXPECT_EQ(rounding, FE_TONEAREST);
  EXPECT_TRUE(blocked);
}

TEST(ParallelForTest, DoesEveryTaskOnceWithAnyNumberOfThreads) {
  for (const std::size_t threads : {1u, 2u, 5u}) {
    ExecContext context(threads);
    for (const std::size_t tasks : {0u, 1u, 2u, 4u, 5u, 17u, 1000u}) {
      std::vector<int> done(tasks, 0);
      ParallelFor(context, tasks, 1e9, [&](std::size_t task, std::size_t by) {
        ASSERT_LT(by, threads);
        ++done[task];
      });
      EXPECT_EQ(done, std::vector<int>(tasks, 1));
    }
  }
}

}  // namespace
}  // namespace tessera::kernels
