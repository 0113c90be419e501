// Buffers count, and are refused before they are allocated.
#include "kernels/memory_budget.h"

#include <gtest/gtest.h>

#include <limits>
#include <new>
#include <string>
#include <thread>

#include "kernels/aligned_buffer.h"

namespace tessera::kernels {
namespace {

constexpr std::size_t kMebi = std::size_t{1} << 20;

TEST(MemoryBudgetTest, CountsBuffersWhileTheyLive) {
  const auto budget = std::make_shared<MemoryBudget>(kMebi);
  {
    const MemoryBudget::Scope scope(budget);
    AlignedBuffer<float> buffer(1000);
    EXPECT_EQ(budget->taken(), 4032u);  // whole lines
    AlignedBuffer<float> moved = std::move(buffer);
    EXPECT_EQ(budget->taken(), 4032u);
    moved = AlignedBuffer<float>(16);
    EXPECT_EQ(budget->taken(), 64u);
  }
  EXPECT_EQ(budget->taken(), 0u);
}

TEST(MemoryBudgetTest, RefusesWhatIsBeyondItAndStaysAsItWas) {
  const auto budget = std::make_shared<MemoryBudget>(kMebi);
  const MemoryBudget::Scope scope(budget);
  const AlignedBuffer<char> half(kMebi / 2);
  for (const std::size_t bytes : {kMebi / 2 + 1, kMebi, 10 * kMebi,
                                  std::size_t{1} << 40, std::size_t{1} << 62}) {
    EXPECT_THROW(AlignedBuffer<char>(bytes, kUninitialised), BudgetError);
    EXPECT_EQ(budget->taken(), kMebi / 2);
  }
  const AlignedBuffer<char> rest(kMebi / 2);
  EXPECT_EQ(budget->taken(), kMebi);
}

TEST(MemoryBudgetTest, SaysWhatIsWantedAndWhatIsNeeded) {
  MemoryBudget budget(kMebi);
  budget.Take(kMebi / 2);
  try {
    budget.Take(3 * kMebi);
    FAIL();
  } catch (const BudgetError& error) {
    EXPECT_EQ(std::string(error.what()),
              "memory: want at most 1.0 MiB for weights and work space "
              "(--memory, memory_bytes), found a need of 3.5 MiB");
  }
}

TEST(MemoryBudgetTest, IsThatOfTheThreadThatMakesABuffer) {
  const auto budget = std::make_shared<MemoryBudget>(kMebi);
  const MemoryBudget::Scope scope(budget);
  AlignedBuffer<char> elsewhere;
  std::thread([&] {
    EXPECT_EQ(MemoryBudget::Current(), nullptr);
    elsewhere = AlignedBuffer<char>(4 * kMebi);
  }).join();
  EXPECT_EQ(budget->taken(), 0u);
  {
    const MemoryBudget::Scope none(nullptr);
    elsewhere = AlignedBuffer<char>(8 * kMebi);
  }
  EXPECT_EQ(MemoryBudget::Current(), budget);
}

TEST(MemoryBudgetTest, ABufferMayOutliveTheScope) {
  AlignedBuffer<char> buffer;
  std::weak_ptr<MemoryBudget> watched;
  {
    const auto budget = std::make_shared<MemoryBudget>(kMebi);
    watched = budget;
    const MemoryBudget::Scope scope(budget);
    buffer = AlignedBuffer<char>(100);
  }
  EXPECT_FALSE(watched.expired());
  buffer = {};
  EXPECT_TRUE(watched.expired());
}

TEST(MemoryBudgetTest, ASizeThatOverflowsIsOutOfMemory) {
  constexpr std::size_t kMost = std::numeric_limits<std::size_t>::max();
  for (const std::size_t size : {kMost, kMost / 4, kMost / 4 + 1, kMost / 2}) {
    EXPECT_THROW(AlignedBuffer<float>(size, kUninitialised), std::bad_alloc);
  }
}

}  // namespace
}  // namespace tessera::kernels
