// Programs of OpenCL by kernel and constants, built on all cores.
#pragma once

#include <map>
#include <mutex>

#include "backends/gpu/program.hpp"
#include "gpu.hpp"

namespace tenon::opencl {

class Builds {
 public:
  explicit Builds(Gpu& gpu) : gpu_(gpu) {}
  ~Builds();
  Builds(const Builds&) = delete;
  Builds& operator=(const Builds&) = delete;

  // Makes those that are not there yet. Any thread.
  tn_status make(const std::vector<gpu::KernelKey>& keys);
  // A kernel object of one that was made: its arguments are the caller's.
  tn_status kernel(const gpu::KernelKey& key, cl_kernel& out);

 private:
  struct Made {
    cl_program program = nullptr;
    cl_int result = CL_SUCCESS;
    std::string log;  // of a build that failed
  };
  Made build(const gpu::KernelKey& key) const;
  std::string build_log(cl_program program) const;

  Gpu& gpu_;
  std::mutex mutex_;
  std::map<gpu::KernelKey, cl_program> programs_;
};

}  // namespace tenon::opencl
