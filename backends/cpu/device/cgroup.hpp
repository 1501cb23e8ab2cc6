// What the process may use of the machine when it runs in a control group (v1 or v2).
#pragma once

#include <cstdint>
#include <string>

namespace tenon::cpu {

struct CgroupLimits {
  double cores = 0;                        // CPU quota; 0: none
  uint64_t memory_limit = UINT64_MAX;      // the smallest limit on the way to the root
  uint64_t memory_available = UINT64_MAX;  // what is left of it, file cache counted as free
};

// root: "" for this system; tests pass a folder that looks like one.
CgroupLimits read_cgroup(const std::string& root);

}  // namespace tenon::cpu
