// CPU affinity and cgroup quotas.
#include "engine/cpu_limit.h"

#include <sched.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>
#include <string_view>

namespace tessera::engine {
namespace {

namespace fs = std::filesystem;

struct FreeCpuSet {
  void operator()(cpu_set_t* set) const { CPU_FREE(set); }
};

// The kernel refuses a mask shorter than its own with EINVAL.
std::size_t AffinityCpus() {
  for (int cpus = 1024; cpus <= 1 << 20; cpus *= 2) {
    const std::size_t bytes = CPU_ALLOC_SIZE(cpus);
    const std::unique_ptr<cpu_set_t, FreeCpuSet> set(CPU_ALLOC(cpus));
    if (!set) break;
    if (sched_getaffinity(0, bytes, set.get()) == 0) {
      return static_cast<std::size_t>(CPU_COUNT_S(bytes, set.get()));
    }
    if (errno != EINVAL) break;
  }
  return 1;
}

// Quota by period, both in microseconds; no limit: "max" or -1.
std::optional<double> ReadQuota(std::istream& quotas, std::istream& periods) {
  double quota = 0, period = 0;
  const bool limited = quotas >> quota && periods >> period && quota > 0;
  return limited && period > 0 ? std::optional(quota / period) : std::nullopt;
}

// "max 100000" or "150000 100000".
std::optional<double> QuotaOfVersion2(const fs::path& group) {
  std::ifstream file(group / "cpu.max");
  return ReadQuota(file, file);
}

std::optional<double> QuotaOfVersion1(const fs::path& group) {
  std::ifstream quota(group / "cpu.cfs_quota_us");
  std::ifstream period(group / "cpu.cfs_period_us");
  return ReadQuota(quota, period);
}

using QuotaOf = std::optional<double>(const fs::path&);

void Lower(std::optional<double>& least, std::optional<double> quota) {
  if (quota) least = std::min(*quota, least.value_or(*quota));
}

// The least quota of the group `path` and all above it, up to the mount.
void LowerAlong(const fs::path& mount, std::string_view path, QuotaOf& quota_of,
                std::optional<double>& least) {
  Lower(least, quota_of(mount));
  fs::path group = mount;
  for (const fs::path& name : fs::path(path).relative_path()) {
    if (name == "..") return;  // a group outside of what is mounted here
    group /= name;
    Lower(least, quota_of(group));
  }
}

bool HasCpuController(const std::string& controllers) {
  std::istringstream names(controllers);
  for (std::string name; std::getline(names, name, ',');) {
    if (name == "cpu") return true;
  }
  return false;
}

}  // namespace

// Lines "0::/path" (version 2) and "4:cpu,cpuacct:/path" (version 1).
std::optional<double> CgroupCpuQuota(const fs::path& membership,
                                     const fs::path& mount) {
  std::optional<double> least;
  std::ifstream file(membership);
  for (std::string line; std::getline(file, line);) {
    std::istringstream fields(line);
    std::string number, controllers, path;
    std::getline(fields, number, ':');
    std::getline(fields, controllers, ':');
    std::getline(fields, path);
    if (controllers.empty()) LowerAlong(mount, path, QuotaOfVersion2, least);
    if (!HasCpuController(controllers)) continue;
    LowerAlong(mount / "cpu", path, QuotaOfVersion1, least);
    if (controllers == "cpu") continue;
    LowerAlong(mount / controllers, path, QuotaOfVersion1, least);
  }
  return least;
}

std::size_t UsableCpus() {
  const std::size_t cpus = AffinityCpus();
  const auto quota = CgroupCpuQuota("/proc/self/cgroup", "/sys/fs/cgroup");
  if (!quota) return cpus;
  const double whole = std::max(1.0, std::floor(*quota));
  return whole < static_cast<double>(cpus) ? static_cast<std::size_t>(whole)
                                           : cpus;
}

}  // namespace tessera::engine
