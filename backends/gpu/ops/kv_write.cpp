// tn.kv_write: the same kernel for keys and for values.
#include "backends/gpu/kv_layout.hpp"
#include "rows.hpp"

namespace tenon::gpu {
namespace {

constexpr tn_op_decl k_decls[] = {
    declare(TN_OP_KV_WRITE, k_names<"f32", "f32", "i32", "f32">, k_names<"f32">),
    declare(TN_OP_KV_WRITE, k_names<"f32", "f32", "i32", "f16">, k_names<"f16">),
    declare(TN_OP_KV_WRITE, k_names<"f32", "f32", "i32", "q8_0">, k_names<"q8_0">),
};

// Operand `rows` into one of the pools.
tn_status write(const NodeView& node, uint32_t rows, Part part, std::vector<Dispatch>& out) {
  const tn_tensor &x = *node.in(rows), &state = *node.in(3);
  const KvTile tile{*kv_cell(node.dtype(state)), static_cast<uint32_t>(x.dim[2])};
  if (!tile.is_supported()) return node.decline("heads of such a width");
  const uint32_t channels = tile.cell == KvCell::q8_0 ? 64 : 4;  // of an item of the kernel
  return dispatch_rows(
      node,
      {.kernel = "kv_write",
       .items = ceil_div(tile.width, channels),
       .shape = rows,
       .buffers = {{.index = rows}, {.index = 2}, {.index = 3, .part = part, .writes = true}},
       .n_steps = 1,
       .constants = {static_cast<uint32_t>(tile.cell), static_cast<uint32_t>(state.dim[0])}},
      out);
}

tn_status make(const NodeView& node, std::vector<Dispatch>& out) {
  const tn_tensor &k = *node.in(0), &v = *node.in(1), &slots = *node.in(2), &state = *node.in(3);
  if (k.rank != 3 || v.rank != 3 || state.rank != 3) return node.decline("heads of rows only");
  if (k.dim[1] != state.dim[0] || k.dim[2] != state.dim[1] || v.dim[1] != state.dim[0] ||
      v.dim[2] != state.dim[2])
    return node.decline("heads that the state has not got");
  if (!is_array(slots)) return node.decline("a strided array");
  const tn_status keys = write(node, 0, Part::keys, out);
  return keys == TN_OK ? write(node, 1, Part::values, out) : keys;
}

}  // namespace

extern const Op k_kv_write;
const Op k_kv_write = {k_decls, make};

}  // namespace tenon::gpu
