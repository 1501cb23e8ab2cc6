// A plan: a compiled program, its scratch and step memory, and a kernel object for each launch, whose
// arguments are set when the memory of an execution is another than that of the one before.
#pragma once

#include "backends/gpu/program.hpp"
#include "builds.hpp"
#include "job.hpp"
#include "memory.hpp"
#include "target.hpp"

namespace tenon::opencl {

class Plan {
 public:
  static tn_status compile(Gpu& gpu, Memory& memory, Builds& builds, const tn_subgraph& graph,
                           const tn_compile_opts& opts, std::unique_ptr<Plan>& out);
  explicit Plan(Gpu& gpu) : gpu_(gpu) {}
  ~Plan();
  Plan(const Plan&) = delete;
  Plan& operator=(const Plan&) = delete;

  // Whether everything fits: buffers, cache, extents.
  tn_status check(const Memory& memory, const tn_cmd_execute& execute) const;
  // Enqueues an execution that was checked.
  tn_status execute(const tn_cmd_execute& execute, Job& job);
  tn_plan_info info() const;

 private:
  // Where an operand lies.
  struct Place {
    cl_mem buffer;
    uint64_t offset, bytes;
  };
  tn_status make_kernels(Builds& builds);
  Place resolve(const gpu::Operand& operand, const tn_cmd_execute& execute) const;
  tn_status bind(const tn_cmd_execute& execute);
  tn_status bind_launch(cl_kernel kernel, const gpu::Launch& launch,
                        const tn_cmd_execute& execute) const;
  tn_status write_step(const tn_cmd_execute& execute, Job& job) const;
  tn_status launch(size_t i, const tn_cmd_execute& execute, Job& job) const;

  Gpu& gpu_;
  gpu::Program program_;
  std::unique_ptr<Block> scratch_, step_;
  std::vector<cl_kernel> kernels_;        // of the launches
  std::vector<uint64_t> bound_, wanted_;  // ids of memory and offsets: those set, those of a step
};

inline tn_plan* handle(Plan* plan) { return reinterpret_cast<tn_plan*>(plan); }
inline Plan* plan(tn_plan* handle) { return reinterpret_cast<Plan*>(handle); }
inline const Plan* plan(const tn_plan* handle) { return reinterpret_cast<const Plan*>(handle); }

}  // namespace tenon::opencl
