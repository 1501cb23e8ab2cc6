// Programs of OpenCL by kernel and constants, built on all cores or taken from a cache.
#pragma once

#include <map>
#include <mutex>

#include "backends/gpu/file_cache.hpp"
#include "backends/gpu/program.hpp"
#include "gpu.hpp"
#include "kernels.hpp"

namespace tenon::opencl {

class Builds {
 public:
  explicit Builds(Gpu& gpu) : gpu_(gpu), cache_(gpu::FileCache::of_user("opencl")) {}
  ~Builds();
  Builds(const Builds&) = delete;
  Builds& operator=(const Builds&) = delete;

  // Makes those that are not there yet. Any thread.
  tn_status make(const std::vector<gpu::KernelKey>& keys);
  // Builds one of a kernel pack and looks at its function: the launch has `n_buffers` and `local` items.
  // Why it cannot be launched, or "". Any thread.
  std::string why_not(const gpu::KernelKey& key, size_t n_buffers, size_t local_items);
  // A kernel object of one that was made: its arguments are the caller's.
  tn_status kernel(const gpu::KernelKey& key, cl_kernel& out);

 private:
  struct Made {
    cl_program program = nullptr;
    cl_int result = CL_SUCCESS;
    std::string log;  // of a build that failed
  };
  Made build(const gpu::KernelKey& key) const;
  Made build_source(const Kernel& kernel, const std::string& options) const;
  std::string why_not_function(cl_kernel function, size_t n_buffers, size_t local_items) const;
  // NULL if there is none that the driver takes.
  cl_program build_cached(const std::string& cache_key, const std::string& options) const;
  void keep(const std::string& cache_key, cl_program program) const;
  cl_int compile(cl_program program, const std::string& options) const;
  std::string build_log(cl_program program) const;

  Gpu& gpu_;
  gpu::FileCache cache_;
  std::mutex mutex_;
  std::map<gpu::KernelKey, cl_program> programs_;
};

}  // namespace tenon::opencl
