// tn.copy: any strides to dense, as words.
#include "rows.hpp"

namespace tenon::gpu {
namespace {

constexpr tn_op_decl k_decls[] = {
    declare(TN_OP_COPY, k_names<"f32">),
    declare(TN_OP_COPY, k_names<"i32">, k_names<"i32">),
};

tn_status make(const NodeView& node, std::vector<Dispatch>& out) {
  const tn_tensor& x = *node.in(0);
  for (uint32_t axis = 0; axis < x.rank; ++axis)
    if (x.stride[axis] % 4 != 0) return node.decline("values must start at whole words");
  const auto step = static_cast<uint32_t>(x.stride[x.rank - 1] / 4);
  return dispatch_rows(node, {.kernel = "copy", .own = {step}}, out);
}

}  // namespace

extern const Op k_copy;
const Op k_copy = {.decls = k_decls, .make = make, .any_strides = true};

}  // namespace tenon::gpu
