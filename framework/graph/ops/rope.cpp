// rope: rotates pairs of x (T,H,d) by positions (T) (arXiv:2104.09864).
#include "framework/graph/ops/shape_rules.hpp"

namespace tenon::ops {

InferResult rope_shape(const InferArgs& a) {
  const Shape &x = a.shape(0), &positions = a.shape(1);
  const auto& p = a.as<tn_rope_params>();
  const std::uint32_t n_dims = p.n_dims;
  if (x.rank != 3 || !per_row(positions, x))
    return a.fail("needs x (T, H, d) and one position per row, got x " + to_string(x));
  if (n_dims == 0 || n_dims % 2 != 0 || n_dims > x.dim[2])
    return a.fail("cannot rotate " + std::to_string(n_dims) + " of " + std::to_string(x.dim[2]));
  const bool factors = a.in.size() > 2 && a.in[2] != nullptr;
  if (factors && (a.shape(2).symbolic() || a.shape(2).row_elements() != n_dims / 2))
    return a.fail("factors " + to_string(a.shape(2)) + " do not fit " + std::to_string(n_dims));
  const bool scaled = p.freq_scale != 1 || p.magnitude != 1;
  if (a.has(TN_ROPE_FACTORS) != factors || (n_dims < x.dim[2] && !a.has(TN_ROPE_PARTIAL)) ||
      (scaled && !a.has(TN_ROPE_SCALED)) || (p.yarn_extrapolation != 0 && !a.has(TN_ROPE_YARN)))
    return a.fail("feature bits and parameters do not agree");
  return std::vector{OutSpec{x}};
}

}  // namespace tenon::ops
