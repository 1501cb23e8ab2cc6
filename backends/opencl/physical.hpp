// A device of a platform before it is opened: what it is, what it can do, and why it cannot be used.
#pragma once

#include <cstdint>
#include <string>

#include "api.hpp"
#include "backends/gpu/ops.hpp"

namespace tenon::opencl {

struct Physical {
  cl_platform_id platform = nullptr;
  cl_device_id handle = nullptr;
  std::string name;      // of the device and its platform
  std::string features;  // names that kernels may need
  std::string identity;  // stays when indices change; "": it has none
  std::string driver;    // with the others what binaries depend on
  std::string unusable;  // "": it can be opened
  uint32_t kind = 0, units = 0;
  uint64_t memory = 0;  // bytes that may be used: the rest is for the driver or, on one, the system
  uint64_t max_alloc = 0;
  // A device of the CPU: compiling takes longer than what it gains, work-items are loops, and its memory
  // is the host's.
  bool is_cpu = false;
  bool keeps_programs = false;  // the driver does, by itself
  gpu::Limits limits;
};

// What tests want devices to be.
struct Pretence {
  uint64_t max_range = UINT64_MAX;  // of one binding
  bool gpu = false;                 // devices of the CPU are driven as others are
};

Physical inspect(const Api& api, cl_platform_id platform, cl_device_id handle,
                 const Pretence& pretence);

}  // namespace tenon::opencl
