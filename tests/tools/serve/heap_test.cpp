// What becomes of freed memory.
#include "tools/serve/heap.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "tools/serve/asio_loop.h"

namespace tessera::tools::serve {
namespace {

using std::chrono::milliseconds;

constexpr std::size_t kMebibyte = std::size_t{1} << 20;

std::size_t Resident() {
  std::size_t total = 0, resident = 0;
  std::ifstream("/proc/self/statm") >> total >> resident;
  return resident * static_cast<std::size_t>(getpagesize());
}

// Blocks that are touched, as a model's are when it is loaded, and freed.
void Use(std::size_t blocks, std::size_t bytes) {
  std::vector<void*> all;
  for (std::size_t i = 0; i < blocks; ++i) {
    all.push_back(std::memset(std::malloc(bytes), 1, bytes));
  }
  for (void* const block : all) std::free(block);
}

// A process of its own: what malloc keeps is told to it once.
TEST(HeapDeathTest, GivesBackWhatThreadsHaveFreed) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || \
    !defined(__GLIBC__)
  GTEST_SKIP() << "want glibc's malloc, found another";
#endif
  testing::FLAGS_gtest_death_test_style = "threadsafe";
  EXPECT_EXIT(
      {
        KeepHeapSmall();
        const std::size_t before = Resident();
        std::thread([] {
          Use(1, 24 * kMebibyte);  // by default malloc keeps twice this, now
          Use(24 * 16, kMebibyte / 16);
        }).join();
        TrimHeap();
        std::exit(Resident() < before + 2 * kMebibyte ? 0 : 1);
      },
      testing::ExitedWithCode(0), "");
}

TEST(IdleTrimTest, TrimsOnceWhenThereWereNoRequestsForAWhile) {
  AsioLoop loop;
  std::atomic<int> trims = 0;
  {
    SideThread side;
    IdleTrim trim(loop, side, milliseconds(5), [&trims] { ++trims; });
    loop.io.run_for(milliseconds(30));
    EXPECT_EQ(trims, 0);
    trim.OnRequest();
    while (trims == 0) loop.io.run_for(milliseconds(5));
    loop.io.run_for(milliseconds(30));
  }
  EXPECT_EQ(trims, 1);
}

}  // namespace
}  // namespace tessera::tools::serve
