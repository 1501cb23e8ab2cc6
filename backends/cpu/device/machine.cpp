// Reads /proc/cpuinfo, /proc/meminfo, the affinity mask and the control group.
#include "backends/cpu/device/machine.hpp"

#include <sched.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <fstream>
#include <sstream>
#include <string_view>
#include <vector>

#include "backends/cpu/device/cgroup.hpp"

namespace tenon::cpu {

namespace {

constexpr std::array k_features = {
    "sse4_2",      "avx",      "f16c",     "fma",      "avx2",         "avx_vnni",    "avx512f",
    "avx512dq",    "avx512bw", "avx512vl", "avx512cd", "avx512vbmi",   "avx512_vnni", "avx512_bf16",
    "avx512_fp16", "amx_tile", "amx_int8", "amx_bf16", "avx512_vbmi2", "gfni"};

struct CpuInfo {
  std::string model = "CPU", flags;
};

CpuInfo read_cpuinfo(const std::string& root) {
  CpuInfo info;
  std::ifstream in(root + "/proc/cpuinfo");
  for (std::string line; std::getline(in, line) && !line.empty();) {
    const auto colon = line.find(": ");
    if (colon == std::string::npos) continue;
    if (line.starts_with("model name")) info.model = line.substr(colon + 2);
    if (line.starts_with("flags")) info.flags = line.substr(colon + 2);
  }
  return info;
}

std::string kernel_features(const std::string& flags) {
  std::istringstream in(flags);
  std::string known;
  for (std::string flag; in >> flag;) {
    if (std::find(k_features.begin(), k_features.end(), std::string_view(flag)) ==
        k_features.end()) {
      continue;
    }
    known += (known.empty() ? "" : " ") + flag;
  }
  return known;
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

uint64_t meminfo(const std::string& root, std::string_view wanted) {
  std::ifstream in(root + "/proc/meminfo");
  for (std::string line; std::getline(in, line);) {
    if (!line.starts_with(wanted)) continue;
    std::istringstream fields(line.substr(wanted.size()));
    uint64_t kib = 0;
    return fields >> kib ? kib * 1024 : 0;
  }
  return 0;
}

// ulimit -v, or UINT64_MAX.
uint64_t address_space_limit(const std::string& root) {
  constexpr std::string_view k_row = "Max address space";
  std::ifstream in(root + "/proc/self/limits");
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
  const CpuInfo info = read_cpuinfo(root);
  Machine machine;
  machine.cores = cores_in_affinity_mask();
  if (const double quota = read_cgroup(root).cores; quota > 0 && quota < machine.cores) {
    machine.cores = static_cast<unsigned>(std::max(1.0, std::ceil(quota)));
  }
  machine.name =
      info.model + ", " + std::to_string(machine.cores) + (machine.cores == 1 ? " core" : " cores");
  machine.features = kernel_features(info.flags);
  return machine;
}

MemoryState read_memory(const std::string& root) {
  const CgroupLimits limits = read_cgroup(root);
  const uint64_t addresses = address_space_limit(root);
  return {std::min({meminfo(root, "MemTotal:"), limits.memory_limit, addresses}),
          std::min({meminfo(root, "MemAvailable:"), limits.memory_available,
                    address_space_left(root, addresses)})};
}

}  // namespace tenon::cpu
