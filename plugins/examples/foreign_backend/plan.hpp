// A compiled subgraph: its nodes with everything resolved but the buffers and extents of a step.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "memory.hpp"
#include "ops.hpp"

namespace foreign {

// One step, ready to run: outlives the arguments it was made from. Once it runs it runs to its end,
// as work that a GPU has begun.
struct Step {
  std::vector<Call> calls;
  uint64_t* node_ns = nullptr;

  void run() const;
};

class Plan {
 public:
  static tn_status compile(const tn_host* host, const Memory& memory, const tn_subgraph& graph,
                           std::unique_ptr<Plan>& out);

  // TN_ERR_INVALID if a tensor does not fit its buffer or an extent exceeds its bound. Steps of one
  // plan share its scratch: they run one after another.
  tn_status bind(const tn_host* host, const Memory& memory, const tn_cmd_execute& execute,
                 Step& step);
  tn_plan_info info() const;

 private:
  // An operand: a tensor's shape, and where its root is.
  struct Operand {
    View view;
    uint32_t sym = TN_SYM_STATIC;
    uint32_t binding = TN_NONE;  // TN_NONE: in a weight
    const Weight* weight = nullptr;
    uint32_t state = TN_NONE;        // TN_NONE: not a state
    uint64_t offset = 0, bytes = 0;  // up to the last byte for the planned extents
  };
  struct Node {
    std::vector<Operand> operands;  // inputs, then the output
    Call call;                      // without views
  };

  tn_status add_node(const tn_host* host, const tn_subgraph& graph, const tn_node& node);
  tn_status add_operand(const tn_host* host, const tn_subgraph& graph, uint32_t tensor,
                        Node& added) const;
  tn_status place(const tn_subgraph& graph, uint32_t tensor, Operand& operand) const;
  static tn_status use_rows(Node& node);
  static tn_status resolve(const Operand& operand, const Memory& memory,
                           const tn_cmd_execute& execute, View& view);

  static tn_status use_state(const Operand& operand, const Memory& memory, tn_kv* cache,
                             Call& call);

  std::vector<Node> nodes_;
  std::vector<float> scratch_;
  uint32_t n_bindings_ = 0;
};

inline tn_plan* handle(Plan* plan) { return reinterpret_cast<tn_plan*>(plan); }
inline Plan* plan(tn_plan* handle) { return reinterpret_cast<Plan*>(handle); }
inline const Plan* plan(const tn_plan* handle) { return reinterpret_cast<const Plan*>(handle); }

}  // namespace foreign
