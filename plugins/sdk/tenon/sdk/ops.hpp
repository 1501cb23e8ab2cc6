// One inline function per op, for model files that read like their papers.
//   T rows, D model width, H heads, K kv heads, d head width.
#pragma once

#include <tenon/sdk/arch.hpp>

#pragma GCC visibility push(hidden)
namespace tenon {
namespace sdk {
inline namespace v1_0 {

inline Tensor embed_rows(Tensor table, Tensor ids) {  // (V,D), (T) -> (T,D)
  return table.graph->op(TN_OP_EMBED_ROWS, 0, nullptr, {table, ids});
}
inline Tensor matmul(Tensor w, Tensor x) {  // (N,K), (T,K) -> (T,N)
  return x.graph->op(TN_OP_MATMUL, 0, nullptr, {w, x});
}
inline Tensor operator+(Tensor a, Tensor b) { return a.graph->op(TN_OP_ADD, 0, nullptr, {a, b}); }
inline Tensor operator*(Tensor a, Tensor b) { return a.graph->op(TN_OP_MUL, 0, nullptr, {a, b}); }
inline Tensor add_row(Tensor x, Tensor row) {  // (..,n), (n) -> (..,n)
  return x.graph->op(TN_OP_ADD, TN_ELEMENTWISE_BROADCAST, nullptr, {x, row});
}
inline Tensor mul_row(Tensor x, Tensor row) {
  return x.graph->op(TN_OP_MUL, TN_ELEMENTWISE_BROADCAST, nullptr, {x, row});
}
inline Tensor scale(Tensor x, float factor) {
  const tn_scale_params p{sizeof(p), factor};
  return x.graph->op(TN_OP_SCALE, 0, &p, {x});
}
inline Tensor softcap(Tensor x, float cap) {  // cap*tanh(x/cap)
  const tn_softcap_params p{sizeof(p), cap};
  return x.graph->op(TN_OP_SOFTCAP, 0, &p, {x});
}
inline Tensor rms_norm(Tensor x, Tensor w, float eps) {  // over the last axis
  const tn_norm_params p{sizeof(p), eps};
  return mul_row(x.graph->op(TN_OP_RMS_NORM, 0, &p, {x}), w);
}
inline Tensor silu(Tensor x) { return x.graph->op(TN_OP_SILU, 0, nullptr, {x}); }
inline Tensor gelu_tanh(Tensor x) { return x.graph->op(TN_OP_GELU_TANH, 0, nullptr, {x}); }
inline Tensor row_gather(Tensor x, Tensor ids) {  // (T,D), (O) -> (O,D)
  return x.graph->op(TN_OP_ROW_GATHER, 0, nullptr, {x, ids});
}

// Rotary positions (arXiv:2104.09864) for x (T,H,d).
struct Rope {
  int64_t dims = 0;  // rotated width
  float base = 10000.0f;
  bool halves = false;      // pairs (i, i+dims/2) instead of (2i, 2i+1)
  float freq_scale = 1.0f;  // 1/factor of linear scaling
  float magnitude = 1.0f;
  float yarn_extrapolation = 0.0f, yarn_low = 0.0f, yarn_high = 0.0f;
};
// factors (dims/2) divide the frequencies; rows whose `select` (T) is not 0 take `other` instead.
inline Tensor rope(Tensor x, Tensor positions, const Rope& r, Tensor factors = {},
                   Tensor other = {}, Tensor select = {}) {
  const tn_rope_params p{sizeof(p),   static_cast<uint32_t>(r.dims), r.base,     r.freq_scale,
                         r.magnitude, r.yarn_extrapolation,          r.yarn_low, r.yarn_high};
  const uint64_t features = (r.halves ? TN_ROPE_HALVES : 0) | (factors ? TN_ROPE_FACTORS : 0) |
                            (select ? TN_ROPE_SELECT : 0) |
                            (r.yarn_extrapolation != 0 ? TN_ROPE_YARN : 0) |
                            (r.dims != x.dim(2) ? TN_ROPE_PARTIAL : 0) |
                            (r.freq_scale != 1 || r.magnitude != 1 ? TN_ROPE_SCALED : 0);
  if (select) return x.graph->op(TN_OP_ROPE, features, &p, {x, positions, factors, other, select});
  if (factors) return x.graph->op(TN_OP_ROPE, features, &p, {x, positions, factors});
  return x.graph->op(TN_OP_ROPE, features, &p, {x, positions});
}

// Stores k, v (T,K,d) in the layer's cache, then attends: q (T,H,d) -> (T,H,d).
struct Attention {
  int64_t kv_heads = 0;
  float scale = 1.0f;
  float softcap = 0.0f;
  int64_t window = 0;
};
inline Tensor attention(Tensor q, Tensor k, Tensor v, int64_t layer, const Attention& a) {
  const Graph& g = *q.graph;
  const Tensor cache = g.op(TN_OP_KV_WRITE, 0, nullptr, {k, v, g.input("slots"), g.state(layer)});
  const tn_attention_params p{sizeof(p), static_cast<uint32_t>(a.kv_heads), a.scale, a.softcap,
                              a.window};
  const uint64_t features =
      (a.window > 0 ? TN_ATTENTION_WINDOW : 0) | (a.softcap > 0 ? TN_ATTENTION_SOFTCAP : 0);
  return g.op(TN_OP_ATTENTION, features, &p,
              {q, cache, g.input("positions"), g.input("seq_ids"), g.input("block_table")});
}

// The weights of one layer: block["attn_q"] is "blk.<layer>.attn_q.weight".
class Block {
 public:
  Block(const Graph& g, int64_t layer) : g_(&g), prefix_("blk." + std::to_string(layer) + ".") {
    g.scope(prefix_.substr(0, prefix_.size() - 1), layer);
  }
  Tensor operator[](const char* name) const { return g_->weight(prefix_ + name + ".weight"); }
  Tensor bias(const char* name) const { return g_->weight(prefix_ + name + ".bias"); }
  // w·x, plus the bias if the file has one.
  Tensor linear(const char* name, Tensor x) const {
    const Tensor y = matmul((*this)[name], x), b = bias(name);
    return b ? add_row(y, b) : y;
  }

 private:
  const Graph* g_;
  std::string prefix_;
};

}  // namespace v1_0
}  // namespace sdk
}  // namespace tenon
#pragma GCC visibility pop
