// NodeRun: one node on a device, with the operands of a kernel call. Operands lie in one buffer with
// guards between them; vectors of numbers that never change, and matrices, are weights.
#pragma once

#include <string>
#include <vector>

#include "device.hpp"

namespace tenon::conformance {

class NodeRun {
 public:
  // What runs it: by default the device's own op, which says how weights lie.
  struct Kernel {
    const tn_kernel_desc* bound = nullptr;
    std::string layout = {};  // of its weights
    const std::vector<const tn_layout_desc*>* packers = nullptr;
  };
  NodeRun(Device& device, TestHost& host, const tn_node_query& query, const Kernel& kernel);

  // Asks the device; `layout` of its weights is kept.
  bool supported();
  // Runs the call: reads its inputs, writes its outputs and caches. Faults are test failures.
  void run(const tn_cpu_args& args);

 private:
  struct Operand {
    tn_tensor tensor;  // as the subgraph has it
    bool present, output;
    uint64_t bytes = 0;  // that this call reaches
  };
  bool is_state(const Operand& o) const { return o.present && o.tensor.role == TN_ROLE_STATE; }
  bool is_weight(const Operand& o) const { return o.present && o.tensor.role == TN_ROLE_WEIGHT; }
  bool lies_in_buffer(const Operand& o) const { return o.present && !is_state(o) && !is_weight(o); }
  uint64_t reach(const Operand& o, const int64_t* syms) const;

  const tn_layout_desc* packer_of(const tn_tensor& weight) const;
  void put_weights(const tn_cpu_args& args);
  void place(const tn_cpu_args& args);
  tn_plan* compile(const tn_cpu_args& args);
  void make_cache(const tn_cpu_args& args);
  void exchange_cache(bool write);
  void execute(tn_plan* plan, const tn_cpu_args& args);
  void take_results(const tn_cpu_args& args);

  Device& device_;
  TestHost& host_;
  tn_node node_;
  const Kernel& kernel_;
  std::string layout_;
  std::vector<Operand> operands_;
  std::vector<tn_weight*> weights_;
  std::vector<uint8_t> before_, after_;  // content of the buffer
  tn_buffer* buffer_ = nullptr;
  tn_kv* kv_ = nullptr;
  const tn_cpu_kv* cache_ = nullptr;
};

}  // namespace tenon::conformance
