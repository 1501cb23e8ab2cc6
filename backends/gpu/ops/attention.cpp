// tn.attention: all splits of a row in one work-group where there are many rows, else one each and a
// merge. Both give the same bits.
#include <algorithm>

#include "backends/gpu/kv_layout.hpp"
#include "rows.hpp"

namespace tenon::gpu {
namespace {

constexpr uint64_t k_features = TN_ATTENTION_WINDOW | TN_ATTENTION_SOFTCAP | TN_ATTENTION_SINKS;

template <sdk::Name Cache>
constexpr tn_op_decl k_without = declare(TN_OP_ATTENTION,
                                         k_names<"f32", Cache, "i32", "i32", "i32">, k_names<"f32">,
                                         k_features & ~TN_ATTENTION_SINKS);
template <sdk::Name Cache>
constexpr tn_op_decl k_with = declare(TN_OP_ATTENTION,
                                      k_names<"f32", Cache, "i32", "i32", "i32", "f32">,
                                      k_names<"f32">, k_features);
constexpr tn_op_decl k_decls[] = {k_without<"f32">, k_without<"f16">, k_without<"q8_0">,
                                  k_with<"f32">,    k_with<"f16">,    k_with<"q8_0">};

constexpr uint32_t k_split = 256;     // positions: SPLIT of attention.glsl
constexpr uint32_t k_few_rows = 8;    // up to which splits are apart
constexpr uint32_t k_most_heads = 8;  // of a work-group: each has sums in registers

// What the kernels are specialised for, and the extents of the grid.
struct Shape {
  KvTile keys, values;
  uint32_t kv_heads, group, heads;  // heads: of a work-group
  uint32_t rows, splits;            // bounds

  uint32_t query_heads() const { return kv_heads * group; }
  uint64_t scratch_bytes() const {
    return uint64_t{4} * rows * query_heads() * splits * (values.width + 2);
  }
};

const char* unsuitable(const NodeView& node) {
  const tn_tensor &q = *node.in(0), &state = *node.in(1), &table = *node.in(4), &y = node.out();
  if (q.rank != 3 || state.rank != 3 || y.rank != 3 || table.rank != 2) return "heads of rows only";
  if (q.dim[2] != state.dim[1] || y.dim[2] != state.dim[2] || q.dim[1] != y.dim[1] ||
      state.dim[0] == 0 || q.dim[1] % state.dim[0] != 0)
    return "heads that do not go with the state";
  for (const uint32_t i : {2u, 3u, 4u, 5u})
    if (node.in(i) != nullptr && !is_array(*node.in(i))) return "a strided array";
  return is_dense(y) ? nullptr : "results must be dense";
}

// The largest part of a group whose queries and weights fit into shared memory; 0: none.
uint32_t heads_of_a_work_group(uint32_t group, uint32_t dk, uint32_t max_shared) {
  for (uint32_t heads = std::min(group, k_most_heads); heads > 0; --heads)
    if (group % heads == 0 && 4 * (heads * (dk + k_split) + 256) <= max_shared) return heads;
  return 0;
}

Shape shape_of(const NodeView& node) {
  const tn_tensor &q = *node.in(0), &state = *node.in(1), &table = *node.in(4);
  const KvCell cell = *kv_cell(node.dtype(state));
  Shape s{};
  s.keys = {cell, static_cast<uint32_t>(state.dim[1])};
  s.values = {cell, static_cast<uint32_t>(state.dim[2])};
  s.kv_heads = static_cast<uint32_t>(state.dim[0]);
  s.group = static_cast<uint32_t>(q.dim[1]) / s.kv_heads;
  s.heads = heads_of_a_work_group(s.group, s.keys.width, node.limits->max_shared);
  s.rows = static_cast<uint32_t>(q.dim[0]);
  s.splits = ceil_div(static_cast<uint64_t>(table.dim[1]) * TN_PAGE_POSITIONS, k_split);
  return s;
}

Dispatch common(const NodeView& node, const Shape& s) {
  const tn_tensor &q = *node.in(0), &table = *node.in(4);
  const auto p = sdk::params<tn_attention_params>(*node.node);
  const bool sinks = (node.node->features & TN_ATTENTION_SINKS) != 0;
  const auto steps = row_steps(q);
  Dispatch d;
  d.push = {q.sym[0],
            s.rows,
            s.query_heads(),
            steps[0],
            steps[1],
            row_steps(table)[0],
            static_cast<uint32_t>(table.dim[1]),
            table.sym[0],
            static_cast<uint32_t>(table.dim[0]),
            s.splits};
  d.constants = {static_cast<uint32_t>(s.keys.cell),
                 s.keys.width,
                 s.values.width,
                 s.kv_heads,
                 s.heads,
                 s.group,
                 sinks ? 1u : 0u,
                 bits_of(p.scale),
                 p.softcap > 0 ? bits_of(p.softcap) : 0u,
                 static_cast<uint32_t>(std::clamp<int64_t>(p.window, 0, INT32_MAX))};
  // Where there are no sinks q is bound, and not read.
  d.buffers = {{.index = 0},
               {.index = 1, .part = Part::keys},
               {.index = 1, .part = Part::values},
               {.index = 2},
               {.index = 3},
               {.index = 4},
               {},
               {.index = sinks ? 5u : 0u}};
  d.groups[1] = groups_of(q.sym[0], s.rows);
  return d;
}

void whole(const NodeView& node, const Shape& s, std::vector<Dispatch>& out) {
  Dispatch d = common(node, s);
  d.kernel = "attention";
  d.buffers[6] = {.index = node.n_in, .writes = true};
  d.groups[0] = {s.query_heads() / s.heads};
  out.push_back(std::move(d));
}

void split(const NodeView& node, const Shape& s, std::vector<Dispatch>& out) {
  const Buffer scratch = {.part = Part::scratch, .bytes = s.scratch_bytes()};
  Dispatch parts = common(node, s), merge = parts;
  parts.kernel = "attention_split";
  parts.buffers[6] = scratch;
  parts.buffers[6].writes = true;
  parts.groups[0] = {1, TN_SYM_END, k_split};
  parts.groups[2] = {s.query_heads() / s.heads};
  merge.kernel = "attention_merge";
  merge.buffers[6] = {.index = node.n_in, .writes = true};
  merge.buffers.push_back(scratch);
  merge.groups[0] = {s.query_heads()};
  out.push_back(std::move(parts));
  out.push_back(std::move(merge));
}

tn_status make(const NodeView& node, std::vector<Dispatch>& out) {
  if (const char* why = unsuitable(node)) return node.decline(why);
  const Shape s = shape_of(node);
  const Limits& limits = *node.limits;
  if (!s.keys.is_supported() || !s.values.is_supported())
    return node.decline("heads of such a width");
  if (s.heads == 0) return node.decline("a head is wider than shared memory");
  if (s.rows > limits.max_groups[1] || s.query_heads() > limits.max_groups[2] ||
      s.splits > limits.max_groups[0])
    return node.decline("more rows than a grid may have");
  const bool few = s.rows <= k_few_rows && s.splits > 1 && s.scratch_bytes() <= limits.max_range;
  few ? split(node, s, out) : whole(node, s, out);
  return TN_OK;
}

}  // namespace

extern const Op k_attention;
const Op k_attention = {k_decls, make};

}  // namespace tenon::gpu
