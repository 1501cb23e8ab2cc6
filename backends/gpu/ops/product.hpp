// Products with matrices of weights as dispatches: what tn.matmul and tn.qkv_proj share.
#pragma once

#include "backends/gpu/layouts/weight_type.hpp"
#include "backends/gpu/ops.hpp"

namespace tenon::gpu {

// Inputs 0 .. n_products-1 of the node are weights, the next is x; output i is x times weight i.
tn_status make_products(const NodeView& node, uint32_t n_products, std::vector<Dispatch>& out);

// What the products of a type of weights are called (tn_op_decl.arithmetic; docs/GPU_KERNELS.md).
constexpr const char* arithmetic_of(std::string_view type) {
  if (type == "f32") return "f32.seg16";
  return type == "f16" || type == "bf16" ? "f16.seg16" : "int8x16.seg16";
}

// An activation as products of quantised weights take it, or as its maker writes it.
Buffer rounded_buffer(uint32_t operand, const tn_tensor& t, bool writes);

// The type of a weight if its rows are whole blocks, else NULL.
const WeightType* whole_type(const NodeView& node, const tn_tensor& w);

constexpr uint32_t ceil_quotient(uint64_t a, uint64_t b) {
  return static_cast<uint32_t>((a + b - 1) / b);
}

// The first axis of a tensor as an axis of the grid, `unit` of its rows for a work-group.
constexpr Groups groups_over_rows(const tn_tensor& t, uint32_t unit) {
  const auto rows = static_cast<uint64_t>(t.dim[0]);
  return t.sym[0] == TN_SYM_STATIC ? Groups{ceil_quotient(rows, unit)} : Groups{1, t.sym[0], unit};
}

constexpr uint32_t row_words(const tn_tensor& t) { return static_cast<uint32_t>(t.stride[0] / 4); }

}  // namespace tenon::gpu
