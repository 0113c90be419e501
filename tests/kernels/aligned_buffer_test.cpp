// AlignedBuffer: zeros, and memory that is there only once it is touched.
#include "kernels/aligned_buffer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <fstream>

namespace tessera::kernels {
namespace {

constexpr std::size_t kMib = std::size_t{1} << 20;

std::size_t ResidentBytes() {
  std::size_t size = 0, resident = 0;
  std::ifstream("/proc/self/statm") >> size >> resident;
  return resident * 4096;
}

TEST(AlignedBufferTest, IsZeroAlsoWhereMemoryWasUsedBefore) {
  for (const std::size_t size :
       {std::size_t{1}, std::size_t{4095}, kMib / 4 - 1, kMib / 4,
        kMib / 4 + 4097, kMib, 4 * kMib + 1, 9 * kMib}) {
    for (int turn = 0; turn < 3; ++turn) {
      AlignedBuffer<unsigned char> buffer(size);
      ASSERT_EQ(reinterpret_cast<std::uintptr_t>(buffer.data()) % 64, 0u);
      ASSERT_TRUE(std::all_of(buffer.data(), buffer.data() + size,
                              [](unsigned char c) { return c == 0; }))
          << size;
      std::fill_n(buffer.data(), size, static_cast<unsigned char>(1));
    }
  }
}

TEST(AlignedBufferTest, TakesNoMemoryBeforeItIsTouched) {
  const std::size_t before = ResidentBytes();
  const AlignedBuffer<float> buffer(64 * kMib / sizeof(float));
  EXPECT_LT(ResidentBytes(), before + 16 * kMib);
}

}  // namespace
}  // namespace tessera::kernels
