// Phi-3 and Phi-4 (arXiv:2404.14219): Llama-style blocks with q, k, v in one matrix, gate and up in
// another, and factors for the rotary frequencies beyond the original context (arXiv:2402.13753).
// T rows, D model width, H heads, K kv heads, d head width; rotary pairs (i, i+n/2) of the first n.
#include <tenon/sdk/decoder.hpp>

namespace {

using namespace tenon::sdk;

struct Phi3 : Decoder {
  int64_t window, original_context;
  Rope rotary;
  bool long_rope;  // two sets of factors: sequences beyond the original context take the second

  static Phi3 read(Meta& m) {
    Phi3 c{Decoder::read(m), 0, 0, {}, false};
    c.window = m.integer_or(".attention.sliding_window", 0, 0, int64_t{1} << 31);
    c.original_context =
        m.integer_or(".rope.scaling.original_context_length", c.n_ctx_train, 1, int64_t{1} << 31);
    c.rotary = read_rope(m, c.head_dim, /*halves=*/true, "longrope");
    c.long_rope = m.has_tensor("rope_factors_long.weight");
    m.require(m.has_tensor("rope_factors_short.weight") == c.long_rope,
              "rope_factors_short.weight and rope_factors_long.weight: one is missing");
    return c;
  }

  void declare(Declare& d) const {
    declare_ends(d);
    if (long_rope) d.limit("n_ctx_short", original_context);
    d.optional("rope_factors_short.weight", {rotary.dims / 2});
    d.optional("rope_factors_long.weight", {rotary.dims / 2});
    for (int64_t l = 0; l < layers; ++l) {
      const std::string b = "blk." + std::to_string(l) + ".";
      d.tensor(b + "attn_norm.weight", {width});
      d.linear(b + "attn_qkv", (heads + 2 * kv_heads) * head_dim, width);
      d.linear(b + "attn_output", width, heads * head_dim);
      d.tensor(b + "ffn_norm.weight", {width});
      d.linear(b + "ffn_up", 2 * ffn, width);
      d.linear(b + "ffn_down", width, ffn);
      d.kv_state(l, kv_heads, head_dim, head_dim, window);
    }
  }

  Tensor rotate(Tensor x) const {
    const Graph& g = *x.graph;
    const Tensor positions = g.input("positions");
    if (!long_rope) return rope(x, positions, rotary);
    return rope(x, positions, rotary, g.weight("rope_factors_short.weight"),
                g.weight("rope_factors_long.weight"), g.input("is_long"));
  }

  Tensor attend(Tensor x, const Block& w, int64_t layer) const {
    const Tensor qkv = w.linear("attn_qkv", x);
    const Tensor q = qkv.heads(0, heads, head_dim);                                 // (T,H,d)
    const Tensor k = qkv.heads(heads * head_dim, kv_heads, head_dim);               // (T,K,d)
    const Tensor v = qkv.heads((heads + kv_heads) * head_dim, kv_heads, head_dim);  // (T,K,d)
    const float scale = 1.0f / std::sqrt(static_cast<float>(head_dim));
    const Tensor mixed = attention(rotate(q), rotate(k), v, layer,
                                   {.kv_heads = kv_heads, .scale = scale, .window = window});
    return w.linear("attn_output", mixed.view({-1, heads * head_dim}));  // (T,D)
  }

  Tensor feed_forward(Tensor x, const Block& w) const {  // SwiGLU (arXiv:2002.05202)
    const Tensor gate_up = w.linear("ffn_up", x);
    return w.linear("ffn_down", silu(gate_up.columns(0, ffn)) * gate_up.columns(ffn, ffn));
  }

  void build(Graph& g) const {
    Tensor x = embed_rows(g.weight("token_embd.weight"), g.input("tokens"));  // (T,D)
    for (int64_t l = 0; l < layers; ++l) {
      const Block w(g, l);
      x = x + attend(rms_norm(x, w["attn_norm"], eps), w, l);
      x = x + feed_forward(rms_norm(x, w["ffn_norm"], eps), w);
    }
    logits(g, x);  // (O,V)
  }
};

}  // namespace

TENON_MODEL("tenon.arch.phi3", "1.0.0", "Tenon", "phi3", Phi3, "phi3")
