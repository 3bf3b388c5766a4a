// The default number of threads: control groups of both versions, in small file systems of the tests' own.
#include "engine/runtime/processors.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

namespace agon {
namespace processors_test {

namespace fs = std::filesystem;

class Quota : public testing::Test {
 protected:
  void SetUp() override {
    const auto* const test = testing::UnitTest::GetInstance()->current_test_info();
    root_ = fs::path(testing::TempDir()) / (std::string("agon_quota_") + test->name());
    fs::remove_all(root_);
  }
  void TearDown() override { fs::remove_all(root_); }

  void write(const std::string& file, std::string_view text) {
    fs::create_directories((root_ / file).parent_path());
    std::ofstream(root_ / file) << text;
  }
  void write_second(const std::string& group, const std::string& shown = "/") {
    write("proc/self/cgroup", "0::" + group + "\n");
    write("proc/self/mountinfo", "22 1 0:20 / / rw shared:1 - ext4 /dev/sda1 rw\n31 23 0:28 " + shown +
                                     " /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw,nsdelegate\n");
  }
  std::string found() const {
    const auto quota = processor_quota(root_);
    return quota ? quota->file + " " + std::to_string(static_cast<int>(100 * quota->processors)) : "none";
  }

  fs::path root_;
};

TEST_F(Quota, IsNoneWhereNothingIsMountedOrNothingLimits) {
  EXPECT_EQ(found(), "none");
  write_second("/batch/job");
  EXPECT_EQ(found(), "none");
  for (const char* const text : {"max 100000\n", "", "\n", "100000", "-1 100000", "0 100000", "100000 0",
                                 "many 100000", "100000 100000 1"}) {
    write("sys/fs/cgroup/batch/job/cpu.max", text);
    EXPECT_EQ(found(), "none") << text;
  }
}

TEST_F(Quota, IsTheLeastOfTheGroupAndAllAboveIt) {
  write_second("/batch/job");
  write("sys/fs/cgroup/batch/job/cpu.max", "300000 100000\n");
  EXPECT_EQ(found(), "/sys/fs/cgroup/batch/job/cpu.max 300");
  write("sys/fs/cgroup/batch/cpu.max", "150000 100000\n");
  EXPECT_EQ(found(), "/sys/fs/cgroup/batch/cpu.max 150");
  write("sys/fs/cgroup/cpu.max", "50000 100000\n");
  EXPECT_EQ(found(), "/sys/fs/cgroup/cpu.max 50");
  write("sys/fs/cgroup/other/cpu.max", "1000 100000\n");
  EXPECT_EQ(found(), "/sys/fs/cgroup/cpu.max 50");
}

TEST_F(Quota, IsFoundInAContainerThatSeesItsOwnGroupAlone) {
  write("sys/fs/cgroup/cpu.max", "250000 100000\n");
  write_second("/");  // a name space of its own
  EXPECT_EQ(found(), "/sys/fs/cgroup/cpu.max 250");
  write_second("/docker/abc", "/docker/abc");  // the machine's names, the container's mount
  EXPECT_EQ(found(), "/sys/fs/cgroup/cpu.max 250");
  write("sys/fs/cgroup/inner/cpu.max", "100000 100000\n");
  write_second("/docker/abc/inner", "/docker/abc");
  EXPECT_EQ(found(), "/sys/fs/cgroup/inner/cpu.max 100");
  write_second("/../outside");
  EXPECT_EQ(found(), "/sys/fs/cgroup/cpu.max 250");
}

TEST_F(Quota, OfVersionOneIsOfTheProcessorsController) {
  write("proc/self/cgroup", "4:memory:/elsewhere\n3:cpuset:/elsewhere\n2:cpu,cpuacct:/docker/a b\n0::/\n");
  write("proc/self/mountinfo",
        "33 31 0:30 / /sys/fs/cgroup/cpuset rw - cgroup cgroup rw,cpuset\n"
        "32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw,relatime shared:9 - cgroup cgroup rw,cpu,cpuacct\n"
        "41 31 0:38 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n"
        "broken\n");
  const std::string group = "sys/fs/cgroup/cpu,cpuacct/docker/a b/";
  write(group + "cpu.cfs_period_us", "50000\n");
  write(group + "cpu.cfs_quota_us", "-1\n");
  EXPECT_EQ(found(), "none");
  write(group + "cpu.cfs_quota_us", "100000\n");
  EXPECT_EQ(found(), "/" + group + "cpu.cfs_quota_us 200");
}

TEST_F(Quota, IsFoundWhereTheMountsNameHasASpace) {
  write("proc/self/cgroup", "0::/\n");
  write("proc/self/mountinfo", "31 23 0:28 / /control\\040groups rw - cgroup2 cgroup2 rw\n");
  write("control groups/cpu.max", "100000 100000\n");
  EXPECT_EQ(found(), "/control groups/cpu.max 100");
}

TEST(DefaultThreads, AreTheQuotaRoundedUpButNoMoreThanTheMask) {
  EXPECT_EQ(threads_by(8, {}).count, 8);
  EXPECT_EQ(threads_by(8, {}).reason, "");
  EXPECT_EQ(threads_by(8, ProcessorQuota{1.5, "/cpu.max"}).count, 2);
  EXPECT_EQ(threads_by(8, ProcessorQuota{1.5, "/cpu.max"}).reason,
            "/cpu.max, which allows 1.5 of 8 processors");
  EXPECT_EQ(threads_by(8, ProcessorQuota{0.05, "/cpu.max"}).count, 1);
  EXPECT_EQ(threads_by(8, ProcessorQuota{3, "/cpu.max"}).count, 3);
  EXPECT_EQ(threads_by(2, ProcessorQuota{2, "/cpu.max"}).reason, "");
  EXPECT_EQ(threads_by(2, ProcessorQuota{1e300, "/cpu.max"}).count, 2);
  EXPECT_EQ(threads_by(1, ProcessorQuota{0.5, "/cpu.max"}).count, 1);
}

TEST(DefaultThreads, AreThoseOfTheMaskOfThisThread) { EXPECT_GE(processors_in_affinity_mask(), 1); }

}  // namespace processors_test
}  // namespace agon
