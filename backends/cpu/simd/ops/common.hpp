// What the ops share: rows of strided operands, blocks of rows as items, the usual check.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <tenon/sdk/kernel.hpp>

#include "backends/cpu/simd/kernel_list.hpp"
#include "backends/cpu/simd/simd.hpp"
#include "backends/cpu/simd/variant.hpp"

namespace tenon::cpu {

using sdk::Args;
using sdk::kernel;
using sdk::Work;

// The vectors of the last axis of an operand, numbered from 0 in row-major order.
class Rows {
 public:
  Rows(const Args& args, unsigned operand)
      : tensor_(&args.tensor(operand)), base_(args.in<std::byte>(operand)) {}

  const float* operator[](int64_t row) const {
    const tn_tensor& t = *tensor_;
    int64_t offset = 0;
    for (unsigned axis = t.rank - 1; axis-- > 1;) {
      offset += row % t.dim[axis] * t.stride[axis];
      row /= t.dim[axis];
    }
    if (t.rank > 1) offset += row * t.stride[0];
    return static_cast<const float*>(static_cast<const void*>(base_ + offset));
  }

 private:
  const tn_tensor* tensor_;
  const std::byte* base_;
};

// Items are blocks of rows of about 4096 values, so that one token is one item.
struct RowBlocks {
  int64_t rows, block;

  static RowBlocks of(const Args& args, unsigned operand) {
    const int64_t width = std::max<int64_t>(1, args.width(operand));
    return {args.rows(operand), std::max<int64_t>(1, 4096 / width)};
  }
  int64_t items() const { return (rows + block - 1) / block; }
  int64_t begin(uint64_t item) const { return std::min(rows, static_cast<int64_t>(item) * block); }
};

// An op on the rows of its first operand: K::rows(args, first, last).
template <class K>
struct RowOp {
  static Work plan(const Args& args) { return Work().phase(RowBlocks::of(args, 0).items()); }
  static void run(const Args& args, unsigned, uint64_t first, uint64_t last, void*) {
    const RowBlocks blocks = RowBlocks::of(args, 0);
    K::rows(args, blocks.begin(first), blocks.begin(last));
  }
  // Values of the last axis of plain inputs must be adjacent.
  static tn_status check(const tn_node_query& query) {
    for (unsigned i = 0; i < query.n_in; ++i) {
      const tn_tensor* t = query.t[i];
      if (t == nullptr || t->role == TN_ROLE_STATE || t->rank == 0) continue;
      if (t->dim[t->rank - 1] > 1 && t->stride[t->rank - 1] != 4)
        return sdk::fail(query.host, TN_ERR_UNSUPPORTED, "the last axis is not contiguous");
    }
    return TN_OK;
  }
};

// The description of one kernel of this variant.
template <class K>
constexpr sdk::Kernel op_kernel(const char* id, const char* op) {
  return kernel<K>(id, op).score(k_score);
}

}  // namespace tenon::cpu
