// kv_write: stores k (T,K,dk), v (T,K,dv) at slots (T) of a layer's cache;
// the output is the cache after it.
#include "framework/graph/ops/rows.hpp"

namespace tenon::ops {
namespace {

InferResult infer(const InferArgs& a) {
  const Shape &k = a.shape(0), &v = a.shape(1), &state = a.shape(3);
  const bool fits = k.rank == 3 && v.rank == 3 && per_row(a.shape(2), k) &&
                    per_row(a.shape(2), v) && k.dim[1] == state.dim[0] &&
                    v.dim[1] == state.dim[0] && k.dim[2] == state.dim[1] &&
                    v.dim[2] == state.dim[2];
  if (!fits)
    return a.fail("k " + to_string(k) + " and v " + to_string(v) + " do not fit the cache " +
                  to_string(state));
  return std::vector{OutSpec{state, a.in[3]->dtype}};
}

}  // namespace

extern constexpr OpInfo k_kv_write = {TN_OP_KV_WRITE, "ffis", 1, 0, infer};

}  // namespace tenon::ops
