// How many CPUs this process may use.
#ifndef TESSERA_ENGINE_CPU_LIMIT_H_
#define TESSERA_ENGINE_CPU_LIMIT_H_

#include <cstddef>
#include <filesystem>
#include <optional>

namespace tessera::engine {

// The CPUs of the affinity mask, or the cgroup's quota if that is less, rounded
// down; at least 1.
std::size_t UsableCpus();

// The smallest CPU quota of the cgroups that a process is in, in CPUs; nullopt
// if none is set.
//   membership  the process's list of cgroups: /proc/self/cgroup
//   mount       where cgroups are mounted: /sys/fs/cgroup. Version 2 has
//               PATH/cpu.max there, version 1 {cpu,cpu,cpuacct}/PATH/cpu.cfs_*
//               A quota of a parent group holds too. In a container PATH may
//               not exist: then the mounted root is the group.
std::optional<double> CgroupCpuQuota(const std::filesystem::path& membership,
                                     const std::filesystem::path& mount);

}  // namespace tessera::engine

#endif  // TESSERA_ENGINE_CPU_LIMIT_H_
