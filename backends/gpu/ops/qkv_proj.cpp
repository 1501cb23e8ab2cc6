// tn.qkv_proj: three products of one x, rounded once.
#include "backends/gpu/ops/product.hpp"

namespace tenon::gpu {
namespace {

template <sdk::Name... Types>
constexpr auto declarations(Dtypes<Types...>) {
  return std::array{tn_op_decl{sizeof(tn_op_decl), 0, TN_OP_QKV_PROJ,
                               sdk::k_names<Types, Types, Types, "f32">,
                               sdk::k_names<"f32", "f32", "f32">, 0, arithmetic_of(Types.text)}...};
}
constexpr auto k_decls = declarations(WeightDtypes());

tn_status make(const NodeView& node, std::vector<Dispatch>& out) {
  return make_products(node, 3, out);
}

}  // namespace

extern const Op k_qkv_proj;
const Op k_qkv_proj = {k_decls, make, 3};

}  // namespace tenon::gpu
