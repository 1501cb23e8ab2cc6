// attention: q (T,H,dk) against the stored keys and values of each row's sequence -> (T,H,dv).
#include "framework/graph/ops/rows.hpp"

namespace tenon::ops {
namespace {

InferResult infer(const InferArgs& a) {
  const Shape &q = a.shape(0), &state = a.shape(1);
  const auto& p = a.as<tn_attention_params>();
  const bool fits = q.rank == 3 && q.dim[2] == state.dim[1] && p.n_kv_heads == state.dim[0] &&
                    p.n_kv_heads > 0 && q.dim[1] % p.n_kv_heads == 0;
  if (!fits) return a.fail("q " + to_string(q) + " does not fit the cache " + to_string(state));
  Shape out = q;
  out.dim[2] = state.dim[2];
  return std::vector{OutSpec{out}};
}

}  // namespace

extern constexpr OpInfo k_attention = {TN_OP_ATTENTION, "fsiiiF", 1, sizeof(tn_attention_params),
                                       infer};

}  // namespace tenon::ops
