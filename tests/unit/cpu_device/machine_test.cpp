// Limits of control groups, v1 and v2, from folders that look like a system.
#include "backends/cpu/device/machine.hpp"

#include <gtest/gtest.h>
#include <sys/sysinfo.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "backends/cpu/device/cgroup.hpp"

namespace tenon::cpu {
namespace {

namespace fs = std::filesystem;

class MachineTest : public testing::Test {
 protected:
  void SetUp() override {
    root = testing::TempDir() + "machine_" +
           testing::UnitTest::GetInstance()->current_test_info()->name();
    fs::remove_all(root);
  }
  void TearDown() override { fs::remove_all(root); }
  void write(const std::string& path, const std::string& text) const {
    fs::create_directories(fs::path(root + path).parent_path());
    std::ofstream(root + path) << text;
  }

  std::string root;
};

TEST_F(MachineTest, NoGroupsMeansNoLimits) {
  const CgroupLimits limits = read_cgroup(root);
  EXPECT_EQ(limits.cores, 0);
  EXPECT_EQ(limits.memory_limit, UINT64_MAX);
}

TEST_F(MachineTest, Version2TakesTheTightestOfTheParents) {
  write("/proc/self/cgroup", "0::/outer/inner\n");
  write("/sys/fs/cgroup/outer/inner/cpu.max", "max 100000\n");
  write("/sys/fs/cgroup/outer/cpu.max", "150000 100000\n");
  write("/sys/fs/cgroup/outer/inner/memory.max", "4000\n");
  write("/sys/fs/cgroup/outer/inner/memory.current", "3000\n");
  write("/sys/fs/cgroup/outer/inner/memory.stat", "anon 1\ninactive_file 500\n");
  write("/sys/fs/cgroup/outer/memory.max", "max\n");
  const CgroupLimits limits = read_cgroup(root);
  EXPECT_DOUBLE_EQ(limits.cores, 1.5);
  EXPECT_EQ(limits.memory_limit, 4000u);
  EXPECT_EQ(limits.memory_available, 1500u);
}

TEST_F(MachineTest, Version1WherePathsOfTheOutsideDoNotExist) {
  write("/proc/self/cgroup", "4:memory:/docker/abc\n2:cpuacct,cpu:/docker/abc\n");
  write("/sys/fs/cgroup/cpu/cpu.cfs_quota_us", "50000\n");
  write("/sys/fs/cgroup/cpu/cpu.cfs_period_us", "100000\n");
  write("/sys/fs/cgroup/memory/memory.limit_in_bytes", "1000000\n");
  write("/sys/fs/cgroup/memory/memory.usage_in_bytes", "2000000\n");
  const CgroupLimits limits = read_cgroup(root);
  EXPECT_DOUBLE_EQ(limits.cores, 0.5);
  EXPECT_EQ(limits.memory_limit, 1000000u);
  EXPECT_EQ(limits.memory_available, 0u);
  EXPECT_EQ(read_machine(root).cores, 1u) << "half a core is one worker";
}

TEST_F(MachineTest, NoQuotaInVersion1IsMinusOne) {
  write("/proc/self/cgroup", "2:cpu:/\n");
  write("/sys/fs/cgroup/cpu/cpu.cfs_quota_us", "-1\n");
  write("/sys/fs/cgroup/cpu/cpu.cfs_period_us", "100000\n");
  EXPECT_EQ(read_cgroup(root).cores, 0);
}

TEST_F(MachineTest, Name) {
  write("/proc/cpuinfo",
        "flags\t\t: fpu\nmodel name\t: Some CPU 9000\n\n"
        "model name\t: other\n");
  const Machine machine = read_machine(root);
  EXPECT_TRUE(machine.name.starts_with("Some CPU 9000, ")) << machine.name;
}

TEST_F(MachineTest, MemoryIsTheSmallerOfMachineAndGroup) {
  write("/proc/meminfo", "MemTotal:  100 kB\nMemFree: 1 kB\nMemAvailable:   60 kB\n");
  EXPECT_EQ(read_memory(root).total, 102400u);
  EXPECT_EQ(read_memory(root).available, 61440u);
  write("/proc/self/cgroup", "0::/\n");
  write("/sys/fs/cgroup/memory.max", "51200\n");
  write("/sys/fs/cgroup/memory.current", "1200\n");
  EXPECT_EQ(read_memory(root).total, 51200u);
  EXPECT_EQ(read_memory(root).available, 50000u);
}

TEST_F(MachineTest, MemoryWhereNobodySumsUpWhatIsAvailable) {
  write("/proc/meminfo",
        "MemTotal:  100 kB\nMemFree: 10 kB\nBuffers: 2 kB\nCached: 30 kB\nSwapCached: 9 kB\n");
  EXPECT_EQ(read_memory(root).available, 42u * 1024);
  write("/proc/meminfo", "MemTotal:  100 kB\nMemFree: 10 kB\n");
  EXPECT_EQ(read_memory(root).available, 10u * 1024) << "WSL 1 has no more than these";
  write("/proc/meminfo", "MemTotal:  100 kB\nMemFree: 90 kB\nCached: 90 kB\n");
  EXPECT_EQ(read_memory(root).available, 100u * 1024) << "never more than there is";
}

TEST_F(MachineTest, MemoryWithoutProcIsWhatTheSystemCallTells) {
  for (const char* meminfo : {"", "garbage\n", "MemTotal: what\nMemFree: 3 kB\n"}) {
    write("/proc/meminfo", meminfo);
    struct sysinfo info {};
    ASSERT_EQ(sysinfo(&info), 0);
    EXPECT_EQ(read_memory(root).total, uint64_t{info.totalram} * info.mem_unit) << meminfo;
    EXPECT_GT(read_memory(root).available, uint64_t{1} << 20) << meminfo;
  }
}

TEST_F(MachineTest, MemoryIsWhatTheAddressSpaceLeaves) {
  write("/proc/meminfo", "MemTotal:  1000 kB\nMemFree: 1 kB\nMemAvailable:   600 kB\n");
  write("/proc/self/statm", "10 5 3 1 0 2 0\n");
  write("/proc/self/limits",
        "Limit  Soft Limit  Hard Limit  Units\n"
        "Max address space         400000               unlimited    bytes\n");
  const auto page = static_cast<uint64_t>(sysconf(_SC_PAGESIZE));
  EXPECT_EQ(read_memory(root).total, 400000u);
  EXPECT_EQ(read_memory(root).available, 350000u - 10 * page);
  write("/proc/self/statm", "99999999 5 3 1 0 2 0\n");
  EXPECT_EQ(read_memory(root).available, 0u);
  write("/proc/self/limits", "Max address space         unlimited            unlimited    bytes\n");
  EXPECT_EQ(read_memory(root).available, 614400u);
}

TEST_F(MachineTest, GarbageIsNoLimit) {
  write("/proc/self/cgroup", "no colons\n0::\n:::::\n");
  write("/sys/fs/cgroup/cpu.max", "what\n");
  write("/sys/fs/cgroup/memory.max", "\n");
  EXPECT_EQ(read_cgroup(root).cores, 0);
  EXPECT_EQ(read_cgroup(root).memory_limit, UINT64_MAX);
}

}  // namespace
}  // namespace tenon::cpu
