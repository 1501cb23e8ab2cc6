// top_k: the k largest of each row of x (T,n), then those that listed (T,L) names -> ids and values
// (T,k+L).
#include "framework/graph/ops/shape_rules.hpp"

namespace tenon::ops {
namespace {

constexpr std::uint32_t k_most = 256;

}  // namespace

InferResult top_k_shape(const InferArgs& a) {
  const Shape& x = a.shape(0);
  const std::uint32_t k = a.as<tn_top_k_params>().k;
  if (x.rank != 2) return a.fail("needs a matrix");
  if (k == 0 || k > k_most || k > x.dim[1])
    return a.fail("cannot take " + std::to_string(k) + " of " + std::to_string(x.dim[1]));
  Shape out = x;
  out.dim[1] = k;
  if (a.in.size() > 1 && a.in[1] != nullptr) {
    const Shape& listed = a.shape(1);
    if (listed.rank != 2 || listed.dim[0] != x.dim[0] || listed.sym[0] != x.sym[0])
      return a.fail("needs a list for each row, got " + to_string(listed));
    out.dim[1] += listed.dim[1];
  }
  return std::vector{OutSpec{out, find_dtype("i32")}, OutSpec{out}};
}

}  // namespace tenon::ops
