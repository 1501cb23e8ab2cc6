// Programs of OpenCL by what they are built from, built on several cores or taken from a cache. A kernel has a
// program for each set of its constants; on devices of the CPU, whose compilers take half a second for
// the smallest, it shares one with others, and most of its constants come with the launch.
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
  explicit Builds(Gpu& gpu);
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
  struct Unit {
    std::string_view source;
    std::string options;
    auto operator<=>(const Unit&) const = default;
  };
  struct Made {
    cl_program program = nullptr;
    cl_int result = CL_SUCCESS;
    std::string log;  // of a build that failed
  };
  // `kernel`: the row of one of the build; NULL: a pack's.
  Unit unit_of(const gpu::KernelKey& key, const Kernel* kernel) const;
  size_t n_compilers() const;
  Made build(const Unit& unit) const;
  Made build_source(const Unit& unit) const;
  std::string why_not_function(cl_kernel function, size_t n_buffers, size_t local_items) const;
  // NULL if there is none that the driver takes.
  cl_program build_cached(const std::string& cache_key, const std::string& options) const;
  void keep(const std::string& cache_key, cl_program program) const;
  cl_int compile(cl_program program, const std::string& options) const;
  std::string build_log(cl_program program) const;

  Gpu& gpu_;
  gpu::FileCache cache_;
  const bool keeps_;  // binaries in it
  std::mutex mutex_;
  std::map<Unit, cl_program> programs_;
};

}  // namespace tenon::opencl
