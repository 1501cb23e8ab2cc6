// Gemma 3, text (arXiv:2503.19786): norms before and after each sublayer, an RMSNorm on every query
// and key head, and five layers that see a window for each that sees everything.
// T rows, D model width, H heads, K kv heads, d head width; rotary pairs (i, i+d/2). The norms of
// the file already hold 1 + w.
#include <tenon/sdk/decoder.hpp>

namespace {

using namespace tenon::sdk;

struct Gemma3 : Decoder {
  int64_t window, period;
  Rope global, local;      // scaling is for the global layers only
  float scale, logit_cap;  // a cap of 0: none

  static Gemma3 read(Meta& m) {
    Gemma3 c{Decoder::read(m), 0, 0, {}, {}, 0, 0};
    c.window = m.integer_or(".attention.sliding_window", 0, 0, int64_t{1} << 31);
    c.period = m.integer_or(".attention.sliding_window_pattern", 6, 1, 1024);
    c.global = read_rope(m, c.head_dim, /*halves=*/true);
    // Two converters name the two bases in two ways.
    c.global.base = m.real_or(".rope.global.freq_base", c.global.base);
    const float local = m.real_or(".rope.local.freq_base", 10000.0f);
    c.local = {.dims = c.global.dims, .base = m.real_or(".rope.freq_base_swa", local)};
    c.local.halves = true;
    m.require(c.global.base > 0, "gemma3.rope.global.freq_base must be positive");
    m.require(c.local.base > 0, "gemma3.rope.freq_base_swa must be positive");
    c.logit_cap = m.real_or(".final_logit_softcapping", 0);
    const bool scores = m.real_or(".attn_logit_softcapping", 0) != 0;
    m.require(!scores, "gemma3.attn_logit_softcapping: Gemma 3 caps no scores, that is Gemma 2");
    m.require(c.logit_cap >= 0, "gemma3.final_logit_softcapping must not be negative");
    // 27B is the only size whose query is scaled by something else than the width of a head.
    const int64_t scaled_by = c.layers == 62 ? c.width / c.heads : c.head_dim;
    c.scale = 1.0f / std::sqrt(static_cast<float>(scaled_by));
    return c;
  }

  bool slides(int64_t layer) const { return window > 0 && (layer + 1) % period != 0; }

  void declare(Declare& d) const {
    declare_ends(d);
    for (int64_t l = 0; l < layers; ++l) {
      const std::string b = "blk." + std::to_string(l) + ".";
      for (const char* norm : {"attn_norm", "post_attention_norm", "ffn_norm", "post_ffw_norm"})
        d.tensor(b + norm + ".weight", {width});
      d.linear(b + "attn_q", heads * head_dim, width);
      d.linear(b + "attn_k", kv_heads * head_dim, width);
      d.linear(b + "attn_v", kv_heads * head_dim, width);
      d.tensor(b + "attn_q_norm.weight", {head_dim});
      d.tensor(b + "attn_k_norm.weight", {head_dim});
      d.linear(b + "attn_output", width, heads * head_dim);
      d.linear(b + "ffn_gate", ffn, width);
      d.linear(b + "ffn_up", ffn, width);
      d.linear(b + "ffn_down", width, ffn);
      d.kv_state(l, kv_heads, head_dim, head_dim, slides(l) ? window : 0);
    }
  }

  Tensor rotate(Tensor x, Tensor norm, Tensor positions, int64_t layer) const {
    return rope(rms_norm(x, norm, eps), positions, slides(layer) ? local : global);
  }

  Tensor attend(Tensor x, const Block& w, Tensor positions, int64_t layer) const {
    const Tensor q = w.linear("attn_q", x).view({-1, heads, head_dim});     // (T,H,d)
    const Tensor k = w.linear("attn_k", x).view({-1, kv_heads, head_dim});  // (T,K,d)
    const Tensor v = w.linear("attn_v", x).view({-1, kv_heads, head_dim});  // (T,K,d)
    const Attention a{.kv_heads = kv_heads, .scale = scale, .window = slides(layer) ? window : 0};
    const Tensor mixed = attention(rotate(q, w["attn_q_norm"], positions, layer),
                                   rotate(k, w["attn_k_norm"], positions, layer), v, layer, a);
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

TENON_MODEL("tenon.arch.gemma3", "1.0.0", "Tenon", "gemma3", Gemma3, "gemma3")
