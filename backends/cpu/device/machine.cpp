// Reads /proc/cpuinfo, /proc/meminfo, the affinity mask and the control group; asks sysinfo(2) without them.
#include "backends/cpu/device/machine.hpp"

#include <sched.h>
#include <sys/resource.h>
#include <sys/sysinfo.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <optional>
#include <sstream>
#include <string_view>
#include <vector>

#include "backends/cpu/device/cgroup.hpp"

namespace tenon::cpu {

namespace {

std::string processor_name(const std::string& root) {
  std::ifstream in(root + "/proc/cpuinfo");
  for (std::string line; std::getline(in, line) && !line.empty();) {
    const auto colon = line.find(": ");
    if (colon != std::string::npos && line.starts_with("model name")) return line.substr(colon + 2);
  }
  return "CPU";
}

unsigned cores_in_affinity_mask() {
  for (size_t n = 1024; n <= 1u << 16; n *= 2) {  // grows until the kernel's mask fits
    std::vector<cpu_set_t> mask(n / CPU_SETSIZE);
    const size_t bytes = mask.size() * sizeof(cpu_set_t);
    if (sched_getaffinity(0, bytes, mask.data()) == 0) {
      return static_cast<unsigned>(std::max(1, CPU_COUNT_S(bytes, mask.data())));
    }
  }
  return 1;
}

std::optional<uint64_t> meminfo(const std::string& root, std::string_view wanted) {
  std::ifstream in(root + "/proc/meminfo");
  for (std::string line; std::getline(in, line);) {
    if (!line.starts_with(wanted)) continue;
    std::istringstream fields(line.substr(wanted.size()));
    uint64_t kib = 0;
    if (fields >> kib) return kib * 1024;
  }
  return std::nullopt;
}

// What can be taken without swapping. Linux before 3.14, and what only looks like Linux (WSL 1), has
// no row for it; there it is guessed as that row's inventors did before.
std::optional<uint64_t> available_in_meminfo(const std::string& root) {
  if (const auto available = meminfo(root, "MemAvailable:")) return available;
  const auto free = meminfo(root, "MemFree:");
  if (!free) return std::nullopt;
  return *free + meminfo(root, "Buffers:").value_or(0) + meminfo(root, "Cached:").value_or(0);
}

// Without /proc the system call tells, which knows nothing of cached files.
MemoryState memory_of_machine(const std::string& root) {
  const auto total = meminfo(root, "MemTotal:");
  const auto available = available_in_meminfo(root);
  if (total && available) return {*total, std::min(*total, *available)};
  struct sysinfo info {};
  if (sysinfo(&info) != 0) return {};
  return {uint64_t{info.totalram} * info.mem_unit,
          (uint64_t{info.freeram} + info.bufferram) * info.mem_unit};
}

// ulimit -v, or UINT64_MAX. Asked of the file first: the system that a test made up has its own.
uint64_t address_space_limit(const std::string& root) {
  constexpr std::string_view k_row = "Max address space";
  std::ifstream in(root + "/proc/self/limits");
  rlimit limit{};
  if (!in && getrlimit(RLIMIT_AS, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY)
    return limit.rlim_cur;
  for (std::string line; std::getline(in, line);) {
    if (!line.starts_with(k_row)) continue;
    std::istringstream fields(line.substr(k_row.size()));
    uint64_t bytes = 0;
    return fields >> bytes ? bytes : UINT64_MAX;  // the row says "unlimited"
  }
  return UINT64_MAX;
}

// What an eighth less than the limit leaves: stacks and the heap grow too.
uint64_t address_space_left(const std::string& root, uint64_t limit) {
  if (limit == UINT64_MAX) return limit;
  uint64_t pages = 0;
  std::ifstream(root + "/proc/self/statm") >> pages;
  const uint64_t used = pages * static_cast<uint64_t>(sysconf(_SC_PAGESIZE));
  const uint64_t usable = limit - limit / 8;
  return usable - std::min(used, usable);
}

}  // namespace

Machine read_machine(const std::string& root) {
  Machine machine;
  machine.cores = cores_in_affinity_mask();
  if (const double quota = read_cgroup(root).cores; quota > 0 && quota < machine.cores) {
    machine.cores = static_cast<unsigned>(std::max(1.0, std::ceil(quota)));
  }
  machine.name = processor_name(root) + ", " + std::to_string(machine.cores) +
                 (machine.cores == 1 ? " core" : " cores");
  return machine;
}

MemoryState read_memory(const std::string& root) {
  const CgroupLimits limits = read_cgroup(root);
  const uint64_t addresses = address_space_limit(root);
  const MemoryState machine = memory_of_machine(root);
  return {
      std::min({machine.total, limits.memory_limit, addresses}),
      std::min({machine.available, limits.memory_available, address_space_left(root, addresses)})};
}

}  // namespace tenon::cpu
