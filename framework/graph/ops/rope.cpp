// rope: rotates pairs of x (T,H,d) by positions (T) (arXiv:2104.09864).
#include "framework/graph/ops/shape_rules.hpp"

namespace tenon::ops {
namespace {

bool is_given(const InferArgs& a, std::size_t i) { return a.in.size() > i && a.in[i] != nullptr; }

bool one_per_pair(const Shape& factors, std::uint32_t n_dims) {
  return !factors.symbolic() && factors.row_elements() == n_dims / 2;
}

}  // namespace

InferResult rope_shape(const InferArgs& a) {
  const Shape &x = a.shape(0), &positions = a.shape(1);
  const auto& p = a.as<tn_rope_params>();
  const std::uint32_t n_dims = p.n_dims;
  if (x.rank != 3 || !per_row(positions, x))
    return a.fail("needs x (T, H, d) and one position per row, got x " + to_string(x));
  if (n_dims == 0 || n_dims % 2 != 0 || n_dims > x.dim[2])
    return a.fail("cannot rotate " + std::to_string(n_dims) + " of " + std::to_string(x.dim[2]));
  const bool factors = is_given(a, 2), select = is_given(a, 4);
  for (const std::size_t i : {2u, 3u})
    if (is_given(a, i) && !one_per_pair(a.shape(i), n_dims))
      return a.fail("factors " + to_string(a.shape(i)) + " do not fit " + std::to_string(n_dims));
  if (select != is_given(a, 3) || (select && (!factors || !per_row(a.shape(4), x))))
    return a.fail("two sets of factors need one choice per row");
  const bool scaled = p.freq_scale != 1 || p.magnitude != 1;
  if (a.has(TN_ROPE_FACTORS) != factors || a.has(TN_ROPE_SELECT) != select ||
      (n_dims < x.dim[2] && !a.has(TN_ROPE_PARTIAL)) || (scaled && !a.has(TN_ROPE_SCALED)) ||
      (p.yarn_extrapolation != 0 && !a.has(TN_ROPE_YARN)))
    return a.fail("feature bits and parameters do not agree");
  return std::vector{OutSpec{x}};
}

}  // namespace tenon::ops
