// Reads the limits of the process's control group and of every group above it.
#include "backends/cpu/device/cgroup.hpp"

#include <algorithm>
#include <fstream>
#include <optional>
#include <sstream>

namespace tenon::cpu {

namespace {

// The files of one hierarchy; v1 counts a missing quota as -1, v2 says "max".
struct MemoryFiles {
  const char *limit, *usage, *cache_key;
};
constexpr MemoryFiles k_memory_v1 = {"/memory.limit_in_bytes", "/memory.usage_in_bytes",
                                     "total_inactive_file"};
constexpr MemoryFiles k_memory_v2 = {"/memory.max", "/memory.current", "inactive_file"};

std::optional<uint64_t> number_in(const std::string& file) {
  std::ifstream in(file);
  uint64_t value = 0;
  if (!(in >> value)) return std::nullopt;
  return value;
}

uint64_t value_of_key(const std::string& file, const std::string& wanted) {
  std::ifstream in(file);
  std::string key;
  for (uint64_t value = 0; in >> key >> value;) {
    if (key == wanted) return value;
  }
  return 0;
}

void apply_quota(double quota, double period, CgroupLimits& limits) {
  if (quota <= 0 || period <= 0) return;
  const double cores = quota / period;
  limits.cores = limits.cores == 0 ? cores : std::min(limits.cores, cores);
}

void apply_cpu_v1(const std::string& group, CgroupLimits& limits) {
  std::ifstream quota(group + "/cpu.cfs_quota_us"), period(group + "/cpu.cfs_period_us");
  double q = 0, p = 0;
  if (quota >> q && period >> p) apply_quota(q, p, limits);
}

void apply_cpu_v2(const std::string& group, CgroupLimits& limits) {
  std::ifstream in(group + "/cpu.max");
  double q = 0, p = 0;
  if (in >> q >> p) apply_quota(q, p, limits);
}

void apply_memory(const std::string& group, const MemoryFiles& files, CgroupLimits& limits) {
  const auto limit = number_in(group + files.limit);
  if (!limit) return;
  limits.memory_limit = std::min(limits.memory_limit, *limit);
  const uint64_t usage = number_in(group + files.usage).value_or(0);
  const uint64_t cache = value_of_key(group + "/memory.stat", files.cache_key);
  const uint64_t held = usage > cache ? usage - cache : 0;
  const uint64_t left = *limit > held ? *limit - held : 0;
  limits.memory_available = std::min(limits.memory_available, left);
}

// The group and everything above it. In a container the path may name groups that only the outside
// sees; the mount's own root is then the one that exists, and is visited last.
template <class Visit>
void each_group(const std::string& mount, std::string path, Visit visit) {
  for (;;) {
    while (!path.empty() && path.back() == '/') path.pop_back();
    visit(mount + path);
    if (path.empty()) return;
    path.resize(path.find_last_of('/') == std::string::npos ? 0 : path.find_last_of('/'));
  }
}

bool lists(const std::string& controllers, const std::string& wanted) {
  return ("," + controllers + ",").find("," + wanted + ",") != std::string::npos;
}

}  // namespace

CgroupLimits read_cgroup(const std::string& root) {
  CgroupLimits limits;
  const std::string mount = root + "/sys/fs/cgroup";
  std::ifstream in(root + "/proc/self/cgroup");
  for (std::string line; std::getline(in, line);) {
    std::istringstream fields(line);
    std::string id, controllers, path;
    if (!std::getline(fields, id, ':') || !std::getline(fields, controllers, ':')) continue;
    std::getline(fields, path);
    if (controllers.empty()) {
      each_group(mount, path, [&](const std::string& group) {
        apply_cpu_v2(group, limits);
        apply_memory(group, k_memory_v2, limits);
      });
    }
    if (lists(controllers, "cpu")) {
      each_group(mount + "/cpu", path,
                 [&](const std::string& group) { apply_cpu_v1(group, limits); });
    }
    if (lists(controllers, "memory")) {
      each_group(mount + "/memory", path,
                 [&](const std::string& group) { apply_memory(group, k_memory_v1, limits); });
    }
  }
  return limits;
}

}  // namespace tenon::cpu
