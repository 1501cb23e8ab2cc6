// A compiled subgraph: its nodes flattened into arrays that the workers walk together, with every
// address resolved but those of the bindings and the KV cache of the step.
#pragma once

#include <tenon/abi/device.h>
#include <tenon/abi/sizes_1_0.h>
#include <tenon/abi/slots/cpu.h>

#include <cstddef>
#include <string>
#include <vector>

#include "backends/cpu/device/error.hpp"
#include "backends/cpu/device/kv_cache.hpp"
#include "backends/cpu/device/memory.hpp"
#include "backends/cpu/device/thread_pool.hpp"

namespace tenon::cpu {

// The implementation of a node's bound kernel; NULL and the reason when this device cannot run it.
const tn_cpu_kernel* bound_kernel(const tn_node& node, const char** why);

class Plan {
 public:
  static tn_status compile(const tn_host* host, const ThreadPool& pool, const tn_subgraph* graph,
                           const tn_compile_opts* opts, Plan** out);

  // Whether execute() can work with these arguments; touches nothing.
  tn_status check(const tn_host* host, const tn_cmd_execute& step) const;
  // After check(). TN_ERR_CANCELLED when *cancel rose; then the outputs are not complete.
  tn_status execute(ThreadPool& pool, const tn_cmd_execute& step, const uint32_t* cancel,
                    Reason& why);
  tn_plan_info info() const;

 private:
  friend class PlanCompiler;

  // What a worker reads of a node, packed for the walk.
  struct Dispatch {
    const tn_cpu_kernel* kernel;
    tn_cpu_args args;
    tn_cpu_work work;
  };
  // What args.node points to: our copy of the host's node.
  struct NodeCopy {
    tn_node node;
    std::string name;
    std::vector<uint64_t> params;  // 8-byte units keep it aligned
    std::vector<uint32_t> operands;
  };
  // pointers_[slot] = base of the binding + offset.
  struct Patch {
    uint32_t slot, binding;
    uint64_t offset;
  };
  struct StatePatch {
    uint32_t slot, tensor;
  };
  struct Walk;

  bool fits(const tn_tensor& state, const KvCache* kv) const;
  void bind(const tn_cmd_execute& step);
  tn_status plan_work(const tn_cmd_execute& step, Reason& why);

  std::vector<tn_tensor> tensors_;
  std::vector<NodeCopy> copies_;
  std::vector<Dispatch> dispatches_;
  std::vector<const tn_tensor*> operands_;  // of all nodes, one after the other
  std::vector<void*> pointers_;             // likewise
  std::vector<Patch> patches_;
  std::vector<StatePatch> states_;
  std::vector<uint64_t> binding_bytes_;  // how large each binding must be; 0: not used
  std::vector<std::byte*> bases_;        // of the bindings that pointers_ was patched with
  std::vector<int64_t> max_syms_;
  std::vector<int64_t> syms_;  // those that `work` was planned for
  bool planned_ = false;
  bool sizes_only_ = false;  // TN_COMPILE_SIZES: never executed
  uint64_t shared_bytes_ = 0, worker_bytes_ = 0, scratch_bytes_ = 0;
  Region scratch_;  // the shared part, then one part per worker; none of a plan for sizes
};

inline tn_plan* handle(Plan* plan) { return reinterpret_cast<tn_plan*>(plan); }
inline Plan* plan(tn_plan* handle) { return reinterpret_cast<Plan*>(handle); }
inline const Plan* plan(const tn_plan* handle) { return reinterpret_cast<const Plan*>(handle); }

}  // namespace tenon::cpu
