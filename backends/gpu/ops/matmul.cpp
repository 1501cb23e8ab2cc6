// tn.matmul: weights times activations; those of quantised weights are rounded first.
#include "backends/gpu/ops/product.hpp"

namespace tenon::gpu {
namespace {

template <sdk::Name... Types>
constexpr auto declarations(Dtypes<Types...>) {
  return std::array{tn_op_decl{sizeof(tn_op_decl), 0, TN_OP_MATMUL, sdk::k_names<Types, "f32">,
                               sdk::k_names<"f32">, 0, arithmetic_of(Types.text)}...};
}
constexpr auto k_decls = declarations(WeightDtypes());

tn_status make(const NodeView& node, std::vector<Dispatch>& out) {
  return make_products(node, 1, out);
}

}  // namespace

extern const Op k_matmul;
const Op k_matmul = {k_decls, make, 1};

}  // namespace tenon::gpu
