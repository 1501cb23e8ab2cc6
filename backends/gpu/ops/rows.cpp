// The conditions, the words and the grid of kernels over rows.
#include "rows.hpp"

#include "product.hpp"

namespace tenon::gpu {
namespace {

uint32_t words(int64_t bytes) { return static_cast<uint32_t>(bytes / 4); }

std::vector<Buffer> all_operands(const NodeView& node) {
  std::vector<Buffer> buffers;
  for (uint32_t i = 0; i < node.n_in + node.n_out; ++i)
    buffers.push_back({.index = i, .writes = i >= node.n_in});
  return buffers;
}

// Whether rows of an operand go with the rows that are walked.
const char* unsuitable(Rows own, const Rows& walked, bool one_row, bool any_width) {
  if (any_width) own.width = walked.width;
  if (own.width != walked.width) return "operands of different widths";
  if (one_row) return uint64_t{own.bound} * own.inner == 1 ? nullptr : "more than one row for all";
  return own == walked ? nullptr : "operands with different rows";
}

tn_status check_outputs(const NodeView& node, const Rows& rows, bool any_width) {
  for (uint32_t o = 0; o < node.n_out; ++o) {
    const tn_tensor& t = node.out(o);
    if (t.role == TN_ROLE_STATE) continue;
    Rows own;
    if (const tn_status s = rows_of(node, t, own); s != TN_OK) return s;
    if (!is_dense(t)) return node.decline("results must be dense");
    if (const char* why = unsuitable(own, rows, false, any_width)) return node.decline(why);
  }
  return TN_OK;
}

// Rows, then the steps of the operands that have any.
tn_status push_rows(const NodeView& node, const RowKernel& k, const Rows& rows, Dispatch& d) {
  d.push = {rows.sym, rows.bound, rows.inner, rows.third, rows.width};
  for (uint32_t i = 0; i < k.n_steps.value_or(node.n_in); ++i) {
    const tn_tensor& t = *node.t[d.buffers[i].index];
    const bool one_row = (k.one_row >> i & 1u) != 0;
    Rows own;
    if (const tn_status s = rows_of(node, t, own); s != TN_OK) return s;
    if (const char* why = unsuitable(own, rows, one_row, k.any_width)) return node.decline(why);
    const auto steps = one_row ? std::array<uint32_t, 3>{} : row_steps(t);
    d.push.insert(d.push.end(), steps.begin(), steps.end());
  }
  d.push.insert(d.push.end(), k.own.begin(), k.own.end());
  return TN_OK;
}

}  // namespace

tn_status rows_of(const NodeView& node, const tn_tensor& t, Rows& rows) {
  if (t.rank > 4) return node.decline("more than four axes");
  if (t.rank == 1 && t.sym[0] != TN_SYM_STATIC) return node.decline("rows of a symbolic width");
  rows = {};
  rows.width = static_cast<uint32_t>(t.dim[t.rank - 1]);
  if (t.rank == 1) return TN_OK;
  rows.sym = t.sym[0];
  rows.bound = static_cast<uint32_t>(t.dim[0]);
  if (t.rank == 4) rows.third = static_cast<uint32_t>(t.dim[2]);
  for (uint32_t axis = 1; axis + 1 < t.rank; ++axis)
    rows.inner *= static_cast<uint32_t>(t.dim[axis]);
  return TN_OK;
}

std::array<uint32_t, 3> row_steps(const tn_tensor& t) {
  std::array<uint32_t, 3> steps = {};
  for (uint32_t axis = 0; axis + 1 < t.rank; ++axis) steps[axis] = words(t.stride[axis]);
  return steps;
}

bool is_dense(const tn_tensor& t) {
  for (uint32_t axis = 0; axis + 1 < t.rank; ++axis)
    if (t.dim[axis] > 1 && t.stride[axis] != t.dim[axis + 1] * t.stride[axis + 1]) return false;
  return is_array(t);
}

bool is_array(const tn_tensor& t) {
  return t.dim[t.rank - 1] <= 1 || t.stride[t.rank - 1] == 4 || t.stride[t.rank - 1] == 2;
}

void round_result(const NodeView& node, const char* name, RowKernel& kernel) {
  kernel.kernel = name;
  kernel.buffers = all_operands(node);
  const uint32_t last = node.n_in + node.n_out - 1;
  kernel.buffers.back() = rounded_buffer(last, node.out(node.n_out - 1), true);
}

tn_status dispatch_rows(const NodeView& node, const RowKernel& kernel, std::vector<Dispatch>& out) {
  Rows rows;
  const tn_tensor& shape = *node.t[kernel.shape.value_or(node.n_in)];
  if (const tn_status s = rows_of(node, shape, rows); s != TN_OK) return s;
  if (const tn_status s = check_outputs(node, rows, kernel.any_width); s != TN_OK) return s;
  Dispatch d;
  d.kernel = kernel.kernel;
  d.constants = kernel.constants;
  d.buffers = kernel.buffers.empty() ? all_operands(node) : kernel.buffers;
  if (const tn_status s = push_rows(node, kernel, rows, d); s != TN_OK) return s;
  const uint64_t items = uint64_t{rows.inner} * (kernel.items == 0 ? rows.width : kernel.items);
  d.groups[0] = {kernel.group_per_row ? rows.inner : ceil_div(items, 256)};
  d.groups[1] = groups_of(rows.sym, rows.bound);
  if (d.groups[0].fixed > node.limits->max_groups[0] || rows.bound > node.limits->max_groups[1])
    return node.decline("more rows than a grid may have");
  out.push_back(std::move(d));
  return TN_OK;
}

}  // namespace tenon::gpu
