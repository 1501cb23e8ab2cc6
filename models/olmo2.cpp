// OLMo 2 (arXiv:2501.00656) and OLMo 3 (arXiv:2512.13961): norms after each sublayer, none before,
// and an RMSNorm over all query heads at once and all key heads at once. In OLMo 3 most layers see a
// window, and only those that see everything have scaled positions.
// T rows, D model width, H heads, K kv heads, d head width; rotary pairs (i, i+d/2).
#include <tenon/sdk/decoder.hpp>

namespace {

using namespace tenon::sdk;

struct Olmo2 : Decoder {
  Rope global, local;
  int64_t window;               // 0: every layer sees everything
  std::vector<int64_t> slides;  // by layer: 1 where it sees the window only

  static Olmo2 read(Meta& m) {
    Olmo2 c{Decoder::read(m), {}, {}, 0, {}};
    c.global = read_rope(m, c.head_dim, /*halves=*/true);
    c.local = {.dims = c.global.dims, .base = c.global.base};
    c.local.halves = true;
    c.window = m.integer_or(".attention.sliding_window", 0, 0, int64_t{1} << 31);
    c.slides = m.per_layer(".attention.sliding_window_pattern", c.layers);
    if (c.slides.empty()) {  // three of four, as all published sizes
      for (int64_t l = 0; l < c.layers; ++l) c.slides.push_back((l + 1) % 4 != 0);
    }
    return c;
  }

  int64_t window_of(int64_t layer) const {
    return slides[static_cast<size_t>(layer)] != 0 ? window : 0;
  }

  void declare(Declare& d) const {
    declare_ends(d);
    for (int64_t l = 0; l < layers; ++l) {
      const std::string b = "blk." + std::to_string(l) + ".";
      d.linear(b + "attn_q", heads * head_dim, width);
      d.linear(b + "attn_k", kv_heads * head_dim, width);
      d.linear(b + "attn_v", kv_heads * head_dim, width);
      d.tensor(b + "attn_q_norm.weight", {heads * head_dim});
      d.tensor(b + "attn_k_norm.weight", {kv_heads * head_dim});
      d.linear(b + "attn_output", width, heads * head_dim);
      d.tensor(b + "post_attention_norm.weight", {width});
      declare_feed_forward(d, b);
      d.tensor(b + "post_ffw_norm.weight", {width});
      d.kv_state(l, kv_heads, head_dim, head_dim, window_of(l));
    }
  }

  Tensor rotate(Tensor x, Tensor norm, int64_t n_heads, Tensor positions, int64_t layer) const {
    const Tensor head = rms_norm(x, norm, eps).view({-1, n_heads, head_dim});
    return rope(head, positions, window_of(layer) > 0 ? local : global);
  }

  Tensor attend(Tensor x, const Block& w, Tensor positions, int64_t layer) const {
    const Tensor q = rotate(w.linear("attn_q", x), w["attn_q_norm"], heads, positions, layer);
    const Tensor k = rotate(w.linear("attn_k", x), w["attn_k_norm"], kv_heads, positions, layer);
    const Tensor v = w.linear("attn_v", x).view({-1, kv_heads, head_dim});  // (T,K,d)
    const float scale = 1.0f / std::sqrt(static_cast<float>(head_dim));
    const Attention a{.kv_heads = kv_heads, .scale = scale, .window = window_of(layer)};
    const Tensor mixed = attention(q, k, v, layer, a);                   // (T,H,d)
    return w.linear("attn_output", mixed.view({-1, heads * head_dim}));  // (T,D)
  }

  void build(Graph& g) const {
    const Tensor positions = g.input("positions");
    Tensor x = embed_rows(g.weight("token_embd.weight"), g.input("tokens"));  // (T,D)
    for (int64_t l = 0; l < layers; ++l) {
      const Block w(g, l);
      x = x + rms_norm(attend(x, w, positions, l), w["post_attention_norm"], eps);
      x = x + rms_norm(swiglu(x, w), w["post_ffw_norm"], eps);
    }
    logits(g, x);  // (O,V)
  }
};

}  // namespace

TENON_MODEL("tenon.arch.olmo2", "1.0.0", "Tenon", "olmo2", Olmo2, "olmo2")
