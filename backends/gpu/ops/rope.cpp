// tn.rope: the frequencies of a node become constants of its kernel.
#include <algorithm>
#include <cmath>

#include "rows.hpp"

namespace tenon::gpu {
namespace {

constexpr uint64_t k_plain = TN_ROPE_HALVES | TN_ROPE_YARN | TN_ROPE_PARTIAL | TN_ROPE_SCALED;
constexpr tn_op_decl k_decls[] = {
    declare(TN_OP_ROPE, k_names<"f32", "i32">, k_names<"f32">, k_plain),
    declare(TN_OP_ROPE, k_names<"f32", "i32", "f32">, k_names<"f32">, k_plain | TN_ROPE_FACTORS),
    declare(TN_OP_ROPE, k_names<"f32", "i32", "f32", "f32", "i32">, k_names<"f32">,
            k_plain | TN_ROPE_FACTORS | TN_ROPE_SELECT),
};
constexpr uint32_t k_powers = 8;  // pairs up to 2^8 - 1

// theta_1, theta_2, theta_4, … each as a float and what rounding took from it.
void append_frequencies(const tn_rope_params& p, std::vector<uint32_t>& constants) {
  for (uint32_t k = 0; k < k_powers; ++k) {
    const double theta = std::pow(double{p.base}, -2.0 * (1u << k) / p.n_dims);
    const auto high = static_cast<float>(theta);
    constants.insert(constants.end(),
                     {bits_of(high), bits_of(static_cast<float>(theta - double{high}))});
  }
}

std::vector<uint32_t> constants_of(const tn_rope_params& p, uint64_t features) {
  const uint32_t flags = ((features & TN_ROPE_HALVES) != 0 ? 1u : 0u) |
                         ((features & TN_ROPE_FACTORS) != 0 ? 2u : 0u) |
                         ((features & TN_ROPE_SELECT) != 0 ? 4u : 0u);
  const float ramp = std::max(0.001f, p.yarn_high - p.yarn_low);
  std::vector<uint32_t> constants = {flags,
                                     p.n_dims,
                                     bits_of(p.freq_scale),
                                     bits_of(p.magnitude),
                                     bits_of(p.yarn_extrapolation),
                                     bits_of(p.yarn_low),
                                     bits_of(ramp)};
  append_frequencies(p, constants);
  return constants;
}

tn_status make(const NodeView& node, std::vector<Dispatch>& out) {
  const tn_tensor& x = *node.in(0);
  const auto p = sdk::params<tn_rope_params>(*node.node);
  if (x.rank != 3) return node.decline("heads of rows only");
  if (p.n_dims == 0 || p.n_dims % 2 != 0 || p.n_dims > x.dim[2] || p.n_dims > 2u << k_powers)
    return node.decline("an odd or too large number of rotated values");
  for (uint32_t i = 1; i < node.n_in; ++i)
    if (node.in(i) != nullptr && !is_array(*node.in(i))) return node.decline("a strided array");
  // Kernels have all bindings: what a node has not got is x, which they do not read then.
  std::vector<Buffer> buffers(5);
  for (uint32_t i = 0; i < 5; ++i) buffers[i].index = node.in(i) != nullptr ? i : 0;
  buffers.push_back({.index = node.n_in, .writes = true});
  return dispatch_rows(node,
                       {.kernel = "rope",
                        .items = static_cast<uint32_t>(x.dim[2]) - p.n_dims / 2,
                        .buffers = std::move(buffers),
                        .n_steps = 1,
                        .constants = constants_of(p, node.node->features)},
                       out);
}

}  // namespace

extern const Op k_rope;
const Op k_rope = {k_decls, make};

}  // namespace tenon::gpu
