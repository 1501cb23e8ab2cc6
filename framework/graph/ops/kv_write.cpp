// kv_write: stores k (T,K,dk), v (T,K,dv) at slots (T) of a layer's cache, which is the output.
#include "framework/graph/ops/shape_rules.hpp"

namespace tenon::ops {

InferResult kv_write_shape(const InferArgs& a) {
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

}  // namespace tenon::ops
