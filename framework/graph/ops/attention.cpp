// attention: q (T,H,dk) against the stored keys and values of each row's sequence -> (T,H,dv).
#include "framework/graph/ops/shape_rules.hpp"

namespace tenon::ops {
namespace {

// Index operands: one position and one sequence per row, one row of pages per sequence.
bool indices_fit(const InferArgs& a) {
  const Shape &q = a.shape(0), &table = a.shape(4);
  return per_row(a.shape(2), q) && per_row(a.shape(3), q) && table.rank == 2;
}

bool bits_fit(const InferArgs& a, const tn_attention_params& p, bool sinks) {
  return a.has(TN_ATTENTION_WINDOW) == (p.window > 0) && p.window >= 0 &&
         a.has(TN_ATTENTION_SOFTCAP) == (p.softcap > 0) && a.has(TN_ATTENTION_SINKS) == sinks;
}

}  // namespace

InferResult attention_shape(const InferArgs& a) {
  const Shape &q = a.shape(0), &state = a.shape(1);
  const auto& p = a.as<tn_attention_params>();
  const bool fits = q.rank == 3 && q.dim[2] == state.dim[1] && p.n_kv_heads == state.dim[0] &&
                    p.n_kv_heads > 0 && q.dim[1] % p.n_kv_heads == 0;
  if (!fits) return a.fail("q " + to_string(q) + " does not fit the cache " + to_string(state));
  if (!indices_fit(a)) return a.fail("needs a position and a sequence per row, and a block table");
  const bool sinks = a.in.size() > 5 && a.in[5] != nullptr;
  if (sinks && a.shape(5).row_elements() != q.dim[1]) return a.fail("needs one sink per head");
  if (!bits_fit(a, p, sinks)) return a.fail("feature bits and parameters do not agree");
  Shape out = q;
  out.dim[2] = state.dim[2];
  return std::vector{OutSpec{out}};
}

}  // namespace tenon::ops
