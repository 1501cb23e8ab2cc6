// Facts about this machine: the processor's name, cores and memory we may use.
#pragma once

#include <cstdint>
#include <string>

namespace tenon::cpu {

struct Machine {
  std::string name;    // "AMD EPYC, 2 cores"
  unsigned cores = 1;  // usable: affinity mask and CPU quota
};

struct MemoryState {
  uint64_t total = 0, available = 0;
};

// root: "" for this system; tests pass a folder that looks like one.
Machine read_machine(const std::string& root = "");
MemoryState read_memory(const std::string& root = "");

}  // namespace tenon::cpu
