// How many threads work gets where nobody says: what this process may use of the machine's processors.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

namespace agon {

/// A limit on the processors' time, as containers have it.
struct ProcessorQuota {
  double processors = 0;  ///< as many as the time is worth: 1.5
  std::string file;       ///< that says so: "/sys/fs/cgroup/batch/cpu.max"
};

/// The least quota of this process's control groups and of all groups above them; nothing where none has one.
/// Version 2: cpu.max; version 1: cpu.cfs_quota_us over cpu.cfs_period_us. Files that are absent or make no
/// sense are no limit. `root` is where the file system begins: a test has a small one of its own. Source:
/// https://docs.kernel.org/admin-guide/cgroup-v2.html, cgroups(7), proc_pid_mountinfo(5).
std::optional<ProcessorQuota> processor_quota(const std::filesystem::path& root = "/");

/// Processors that the calling thread may run on, at least 1.
int processors_in_affinity_mask();

struct DefaultThreads {
  int count = 1;
  /// What makes them fewer, or other, than the processors that this process may run on; else empty.
  std::string reason;
};

/// As many as `mask` has processors, but no more than the quota is worth, rounded up.
DefaultThreads threads_by(int mask, const std::optional<ProcessorQuota>& quota);

/// OMP_NUM_THREADS where it is set ("8", or "8,2": then the first), else threads_by() the mask and the quota,
/// which is read once.
DefaultThreads default_threads();

}  // namespace agon
