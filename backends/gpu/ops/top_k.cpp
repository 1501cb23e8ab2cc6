// tn.top_k: the winner of each block of a row, then the values of the blocks that win.
#include "rows.hpp"

namespace tenon::gpu {
namespace {

constexpr tn_op_decl k_decls[] = {
    declare(TN_OP_TOP_K, k_names<"f32">, k_names<"i32", "f32">),
    declare(TN_OP_TOP_K, k_names<"f32", "i32">, k_names<"i32", "f32">)};

constexpr uint32_t k_blocks = 32, k_block = 128;  // of a part; values of a block
constexpr uint32_t k_part = k_blocks * k_block;   // columns
constexpr uint32_t k_most_parts = 64;             // their winners are sorted at once
constexpr uint32_t k_most_scale = 4;              // blocks may be so many times as large
constexpr uint32_t k_shared = 2 * k_most_parts * k_blocks * 4;  // bytes: MOST of top_k.comp

const char* unsuitable(const NodeView& node, const Rows& rows) {
  const tn_tensor& x = *node.in(0);
  if (x.rank != 2 || node.out(0).rank != 2) return "rows of a matrix only";
  if (!is_dense(node.out(0)) || !is_dense(node.out(1))) return "results must be dense";
  if (node.in(1) != nullptr && !is_array(*node.in(1))) return "lists must be dense";
  if (rows.width > k_most_scale * k_most_parts * k_part) return "more columns than it takes";
  if (node.limits->max_shared < k_shared) return "its candidates exceed shared memory";
  return rows.bound > node.limits->max_groups[1] ? "more rows than a grid may have" : nullptr;
}

tn_status make(const NodeView& node, std::vector<Dispatch>& out) {
  const tn_tensor& x = *node.in(0);
  const tn_tensor* listed = node.in(1);
  const uint32_t k = sdk::params<tn_top_k_params>(*node.node).k;
  Rows rows;
  if (const tn_status s = rows_of(node, x, rows); s != TN_OK) return s;
  if (const char* why = unsuitable(node, rows)) return node.decline(why);
  const uint32_t scale = ceil_div(rows.width, k_most_parts * k_part);
  const uint32_t parts = ceil_div(rows.width, scale * k_part);
  const Buffer scratch = {.part = Part::scratch,
                          .bytes = uint64_t{8} * rows.bound * parts * k_blocks};
  Dispatch first, second;
  first.kernel = "top_k_parts";
  first.push = {rows.sym, rows.bound, rows.width, row_steps(x)[0], parts, scale};
  first.buffers = {{.index = 0}, scratch};
  first.buffers[1].writes = true;
  first.groups = {Groups{parts}, groups_of(rows.sym, rows.bound)};
  second.kernel = "top_k";
  second.push = first.push;
  const uint32_t n_listed = listed != nullptr ? static_cast<uint32_t>(listed->dim[1]) : 0;
  for (const uint32_t own : {k, n_listed, listed != nullptr ? row_steps(*listed)[0] : 0u})
    second.push.push_back(own);
  // Where nothing is listed x is bound, and not read.
  second.buffers = {{.index = 0},
                    scratch,
                    {.index = listed != nullptr ? 1u : 0u},
                    {.index = node.n_in, .writes = true},
                    {.index = node.n_in + 1, .writes = true}};
  second.groups = {Groups{}, groups_of(rows.sym, rows.bound)};
  out.insert(out.end(), {std::move(first), std::move(second)});
  return TN_OK;
}

}  // namespace

extern const Op k_top_k;
const Op k_top_k = {k_decls, make};

}  // namespace tenon::gpu
