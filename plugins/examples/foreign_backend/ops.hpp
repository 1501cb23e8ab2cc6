// The ops of this device: what it declares, and one function for each that computes it.
#pragma once

#include <tenon/abi/device.h>

#include <cstddef>

#include "weight.hpp"

namespace foreign {

// A tensor in memory, with the extents of this step. Rows are counted over all axes but the last.
struct View {
  std::byte* data = nullptr;
  uint32_t rank = 0;
  int64_t dim[TN_MAX_RANK] = {}, stride[TN_MAX_RANK] = {};

  int64_t width() const { return dim[rank - 1]; }
  int64_t rows() const;
  std::byte* row_bytes(int64_t row) const;
  float* row(int64_t i) const { return reinterpret_cast<float*>(row_bytes(i)); }
};

struct Call {
  void (*run)(const Call& call) = nullptr;
  View in[2], out;
  const Weight* weight = nullptr;  // in[0], where that is a matrix of weights
  int64_t first_row = 0;           // of the matrix in the weight
  float eps = 0;
  uint64_t features = 0;
  float* scratch = nullptr;
};

struct Op {
  tn_op_decl decl;
  void (*run)(const Call& call);
  void (*run_row)(const Call& call);  // for plans of one row, with the same bits; NULL: run
  int64_t (*scratch_values)(const tn_tensor& first);  // floats that run() needs; NULL: none
  bool has_eps;
  bool of_weights;  // in[0] is a matrix of weights
};

// The table behind tn_backend_factory.ops.
uint32_t declare_ops(const tn_op_decl* const** out) noexcept;

// The row for a node with these tensors, which may be as large as their bounds say; NULL and the
// reason if there is none.
const Op* find_op(const tn_host* host, const tn_node& node, const tn_tensor* const* tensors,
                  const char** why);

}  // namespace foreign
