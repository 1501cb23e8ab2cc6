// tn.embed_rows: rows of a table of weights, widened; nothing is rounded but results to f32.
#include "backends/gpu/ops/product.hpp"

namespace tenon::gpu {
namespace {

template <sdk::Name... Types>
constexpr auto declarations(Dtypes<Types...>) {
  return std::array{tn_op_decl{sizeof(tn_op_decl), 0, TN_OP_EMBED_ROWS, sdk::k_names<Types, "i32">,
                               sdk::k_names<"f32">, 0, nullptr}...};
}
constexpr auto k_decls = declarations(WeightDtypes());

// The third axis of the grid walks the table by as many rows, so that a range of a table that is
// bound in parts knows which ids are its own.
constexpr uint32_t k_slab = 8192;

tn_status make(const NodeView& node, std::vector<Dispatch>& out) {
  const tn_tensor &table = *node.in(0), &ids = *node.in(1), &y = node.out();
  const WeightType* type = find_weight_type(node.dtype(table));
  if (type == nullptr || (!type->is_float() && whole_type(node, table) == nullptr))
    return node.decline("rows of weights must be whole blocks of 32 or 256");
  if (ids.rank != 1 || y.rank != 2 || y.dim[1] != table.dim[1])
    return node.decline("shapes that do not fit");
  if (y.dim[0] > node.limits->max_groups[1]) return node.decline("more rows than a grid may have");
  const auto rows = static_cast<uint32_t>(table.dim[0]);
  const auto groups = ceil_quotient(static_cast<uint64_t>(table.dim[1]), 32);
  Dispatch d;
  d.kernel = type->embed_rows;
  d.push = {rows,
            groups,
            row_words(y),
            ids.sym[0],
            static_cast<uint32_t>(ids.dim[0]),
            static_cast<uint32_t>(table.dim[1])};
  d.buffers = {{.index = 0}, {.index = 1}, {.index = 2, .writes = true}};
  d.groups = {Groups{ceil_quotient(groups, 256)}, groups_over_rows(ids, 1),
              Groups{ceil_quotient(rows, k_slab)}};
  d.split = 0;
  d.split_axis = 2;
  d.split_rows = k_slab;
  out.push_back(std::move(d));
  return TN_OK;
}

}  // namespace

extern const Op k_embed_rows;
const Op k_embed_rows = {k_decls, make, 1};

}  // namespace tenon::gpu
