// The ops of this device: what it declares, and which kernel computes each.
#pragma once

#include "kernels.hpp"

namespace foreign {

struct Op {
  tn_op_decl decl;
  void (*run)(const Call& call);
  void (*run_row)(const Call& call) = nullptr;  // for plans of one row, with the same bits
  int64_t (*scratch_values)(const tn_tensor& first) = nullptr;  // floats that run() needs
  void (*read_params)(const tn_node& node, Call& call) = nullptr;
  bool of_weights = false;  // in[0] is a matrix of weights
  bool of_state = false;    // some operands are a state
};

// The table behind tn_backend_factory.ops.
uint32_t declare_ops(const tn_op_decl* const** out) noexcept;

// The row for a node with these tensors, which may be as large as their bounds say; NULL and the
// reason if there is none.
const Op* find_op(const tn_host* host, const tn_node& node, const tn_tensor* const* tensors,
                  const char** why);

}  // namespace foreign
