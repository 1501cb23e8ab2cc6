// Gemma 2 (arXiv:2408.00118): norms before and after each sublayer, capped scores and logits, and
// every other layer, the first among them, sees a window only.
// T rows, D model width, H heads, K kv heads, d head width; rotary pairs (i, i+d/2). The norms of
// the file already hold 1 + w.
#include <tenon/sdk/decoder.hpp>

namespace {

using namespace tenon::sdk;

struct Gemma2 : Decoder {
  int64_t window;
  Rope rotary;
  float scale, score_cap, final_cap;

  static Gemma2 read(Meta& m) {
    Gemma2 c{Decoder::read(m), 0, {}, 0, 0, 0};
    c.window = m.integer_or(".attention.sliding_window", 4096, 0, int64_t{1} << 31);
    c.rotary = read_rope(m, c.head_dim, /*halves=*/true);
    c.score_cap = m.real_or(".attn_logit_softcapping", 50.0f);
    c.final_cap = m.real_or(".final_logit_softcapping", 30.0f);
    m.require(c.score_cap >= 0 && c.final_cap >= 0,
              "gemma2.*_logit_softcapping must not be negative");
    // 27B is the only size whose query is scaled by something else than the width of a head.
    const int64_t scaled_by = c.layers == 46 ? c.width / c.heads : c.head_dim;
    c.scale = 1.0f / std::sqrt(static_cast<float>(scaled_by));
    return c;
  }

  int64_t window_of(int64_t layer) const { return layer % 2 == 0 ? window : 0; }

  void declare(Declare& d) const {
    declare_ends(d);
    for (int64_t l = 0; l < layers; ++l) {
      const std::string b = "blk." + std::to_string(l) + ".";
      for (const char* norm : {"attn_norm", "post_attention_norm", "ffn_norm", "post_ffw_norm"})
        d.tensor(b + norm + ".weight", {width});
      d.linear(b + "attn_q", heads * head_dim, width);
      d.linear(b + "attn_k", kv_heads * head_dim, width);
      d.linear(b + "attn_v", kv_heads * head_dim, width);
      d.linear(b + "attn_output", width, heads * head_dim);
      d.linear(b + "ffn_gate", ffn, width);
      d.linear(b + "ffn_up", ffn, width);
      d.linear(b + "ffn_down", width, ffn);
      d.kv_layer(l, kv_heads, head_dim, head_dim, window_of(l));
    }
  }

  Tensor attend(Tensor x, const Block& w, Tensor positions, int64_t layer) const {
    const Tensor q = w.linear("attn_q", x).view({-1, heads, head_dim});     // (T,H,d)
    const Tensor k = w.linear("attn_k", x).view({-1, kv_heads, head_dim});  // (T,K,d)
    const Tensor v = w.linear("attn_v", x).view({-1, kv_heads, head_dim});  // (T,K,d)
    const Attention a{
        .kv_heads = kv_heads, .scale = scale, .softcap = score_cap, .window = window_of(layer)};
    const Tensor mixed =
        attention(rope(q, positions, rotary), rope(k, positions, rotary), v, layer, a);
    return w.linear("attn_output", mixed.view({-1, heads * head_dim}));  // (T,D)
  }

  Tensor feed_forward(Tensor x, const Block& w) const {  // GeGLU (arXiv:2002.05202)
    return w.linear("ffn_down", gelu_tanh(w.linear("ffn_gate", x)) * w.linear("ffn_up", x));
  }

  void build(Graph& g) const {
    const Tensor positions = g.input("positions");
    Tensor x = embed_rows(g.weight("token_embd.weight"), g.input("tokens"));  // (T,D)
    x = tenon::sdk::scale(x, std::sqrt(static_cast<float>(width)));
    for (int64_t l = 0; l < layers; ++l) {
      const Block w(g, l);
      const Tensor mixed = attend(rms_norm(x, w["attn_norm"], eps), w, positions, l);
      x = x + rms_norm(mixed, w["post_attention_norm"], eps);
      const Tensor fed = feed_forward(rms_norm(x, w["ffn_norm"], eps), w);
      x = x + rms_norm(fed, w["post_ffw_norm"], eps);
    }
    logits(g, x, final_cap);  // (O,V)
  }
};

}  // namespace

TENON_MODEL("tenon.arch.gemma2", "1.0.0", "Tenon", "gemma2", Gemma2, "gemma2")
