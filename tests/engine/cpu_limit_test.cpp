// Quotas of cgroups, read from made-up files.
#include "engine/cpu_limit.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>
#include <string>

namespace tessera::engine {
namespace {

namespace fs = std::filesystem;

class CgroupTest : public testing::Test {
 protected:
  CgroupTest()
      : root_(fs::path(testing::TempDir()) /
              ("cgroup_test_" + std::to_string(getpid()))) {
    fs::remove_all(root_);
    fs::create_directories(root_);
  }
  ~CgroupTest() override { fs::remove_all(root_); }

  void Write(const fs::path& file, const std::string& text) {
    fs::create_directories((root_ / file).parent_path());
    std::ofstream(root_ / file) << text;
  }
  std::optional<double> Quota() {
    return CgroupCpuQuota(root_ / "self", root_ / "mount");
  }

  fs::path root_;
};

TEST_F(CgroupTest, WithoutFilesThereIsNoQuota) {
  EXPECT_EQ(Quota(), std::nullopt);
}

TEST_F(CgroupTest, ReadsVersion2) {
  Write("self", "0::/user/job\n");
  Write("mount/user/job/cpu.max", "150000 100000\n");
  EXPECT_EQ(Quota(), 1.5);
}

TEST_F(CgroupTest, MaxIsNoQuota) {
  Write("self", "0::/user/job\n");
  Write("mount/user/job/cpu.max", "max 100000\n");
  EXPECT_EQ(Quota(), std::nullopt);
}

TEST_F(CgroupTest, AParentsQuotaHoldsToo) {
  Write("self", "0::/user/job\n");
  Write("mount/user/cpu.max", "100000 100000\n");
  Write("mount/user/job/cpu.max", "400000 100000\n");
  EXPECT_EQ(Quota(), 1.0);
}

TEST_F(CgroupTest, InAContainerTheMountIsTheGroup) {
  Write("self", "0::/../../elsewhere\n");
  Write("mount/cpu.max", "200000 100000\n");
  EXPECT_EQ(Quota(), 2.0);
}

TEST_F(CgroupTest, ReadsVersion1) {
  Write("self", "5:memory:/job\n4:cpu,cpuacct:/job\n0::/\n");
  Write("mount/cpu,cpuacct/job/cpu.cfs_quota_us", "50000\n");
  Write("mount/cpu,cpuacct/job/cpu.cfs_period_us", "100000\n");
  EXPECT_EQ(Quota(), 0.5);
}

TEST_F(CgroupTest, MinusOneIsNoQuota) {
  Write("self", "1:cpu:/\n");
  Write("mount/cpu/cpu.cfs_quota_us", "-1\n");
  Write("mount/cpu/cpu.cfs_period_us", "100000\n");
  EXPECT_EQ(Quota(), std::nullopt);
}

TEST(CpuLimitTest, ThereIsAlwaysACpu) { EXPECT_GE(UsableCpus(), 1u); }

}  // namespace
}  // namespace tessera::engine
