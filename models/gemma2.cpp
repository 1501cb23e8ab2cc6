// Gemma 2 (arXiv:2408.00118): norms before and after each sublayer, scores and logits that a tanh
// caps, and every other layer sees a window only, the first one first.
// T rows, D model width, H heads, K kv heads, d head width; rotary pairs (i, i+d/2). The norms of
// the file already hold 1 + w.
#include <tenon/sdk/decoder.hpp>

namespace {

using namespace tenon::sdk;

struct Gemma2 : Decoder {
  int64_t window;
  Rope rotary;
  float scale, score_cap, logit_cap;  // a cap of 0: none

  static Gemma2 read(Meta& m) {
    Gemma2 c{Decoder::read(m), 0, {}, 0, 0, 0};
    c.window = m.integer_or(".attention.sliding_window", 4096, 0, int64_t{1} << 31);
    c.rotary = read_rope(m, c.head_dim, /*halves=*/true);
    // Files of the first weeks have no caps; the model was trained with these.
    c.score_cap = m.real_or(".attn_logit_softcapping", 50);
    c.logit_cap = m.real_or(".final_logit_softcapping", 30);
    m.require(c.score_cap >= 0, "gemma2.attn_logit_softcapping must not be negative");
    m.require(c.logit_cap >= 0, "gemma2.final_logit_softcapping must not be negative");
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
      declare_attention(d, b);
      declare_feed_forward(d, b);
      d.kv_state(l, kv_heads, head_dim, head_dim, window_of(l));
    }
  }

  Tensor attend(Tensor x, const Block& w, Tensor positions, int64_t layer) const {
    const Heads h = project(x, w);
    const Attention a{
        .kv_heads = kv_heads, .scale = scale, .softcap = score_cap, .window = window_of(layer)};
    const Tensor mixed =
        attention(rope(h.q, positions, rotary), rope(h.k, positions, rotary), h.v, layer, a);
    return w.linear("attn_output", mixed.view({-1, heads * head_dim}));  // (T,D)
  }

  void build(Graph& g) const {
    const Tensor positions = g.input("positions");
    Tensor x = embed_rows(g.weight("token_embd.weight"), g.input("tokens"));  // (T,D)
    x = tenon::sdk::scale(x, std::sqrt(static_cast<float>(width)));
    for (int64_t l = 0; l < layers; ++l) {
      const Block w(g, l);
      const Tensor mixed = attend(rms_norm(x, w["attn_norm"], eps), w, positions, l);
      x = x + rms_norm(mixed, w["post_attention_norm"], eps);
      const Tensor fed = geglu(rms_norm(x, w["ffn_norm"], eps), w);
      x = x + rms_norm(fed, w["post_ffw_norm"], eps);
    }
    logits(g, x, logit_cap);  // (O,V)
  }
};

}  // namespace

TENON_MODEL("tenon.arch.gemma2", "1.0.0", "Tenon", "gemma2", Gemma2, "gemma2")
