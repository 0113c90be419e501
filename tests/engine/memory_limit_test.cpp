// How much memory there is, by the kernel's files; work space beyond it fails.
#include "engine/memory_limit.h"

#include <gtest/gtest.h>

#include <fstream>
#include <limits>

#include "tests/engine/tokenizer/scratch_folder.h"

namespace tessera::engine {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kAny = std::numeric_limits<std::size_t>::max();

class MemoryLimitTest : public testing::Test {
 protected:
  void Write(const fs::path& file, const std::string& text) {
    fs::create_directories((folder_.path() / file).parent_path());
    std::ofstream(folder_.path() / file) << text;
  }
  std::size_t Available() {
    return AvailableMemory(folder_.path() / "meminfo",
                           folder_.path() / "mount");
  }

  ScratchFolder folder_;
};

TEST_F(MemoryLimitTest, WithoutFilesThereIsNoLimit) {
  EXPECT_EQ(Available(), kAny);
}

TEST_F(MemoryLimitTest, ReadsWhatTheMachineHasLeft) {
  Write("meminfo",
        "MemTotal: 9000 kB\nMemFree: 10 kB\nMemAvailable: 2048 kB\n");
  EXPECT_EQ(Available(), std::size_t{2048} << 10);
}

TEST_F(MemoryLimitTest, TheLeastOfMachineAndGroupHolds) {
  Write("meminfo", "MemAvailable:    2048 kB\n");
  Write("mount/memory.max", "max\n");
  EXPECT_EQ(Available(), std::size_t{2048} << 10);
  Write("mount/memory.max", "1000000\n");
  EXPECT_EQ(Available(), 1000000u);
  Write("mount/memory/memory.limit_in_bytes", "500000\n");
  EXPECT_EQ(Available(), 500000u);
}

TEST_F(MemoryLimitTest, WhatIsNoNumberIsNoLimit) {
  Write("meminfo", "MemAvailable: many\n");
  for (const char* text : {"", "lots", "-", "max", "0"}) {
    Write("mount/memory.max", text);
    EXPECT_EQ(Available(), kAny) << text;
  }
}

TEST_F(MemoryLimitTest, TheDefaultGrowsWithWeightsAndSentences) {
  EXPECT_LE(DefaultMemory(0, 0), std::size_t{1} << 30);
  EXPECT_LE(DefaultMemory(1 << 20, 1), DefaultMemory(1 << 21, 1));
  EXPECT_LE(DefaultMemory(1 << 20, 1), DefaultMemory(1 << 20, 2));
}

}  // namespace
}  // namespace tessera::engine
