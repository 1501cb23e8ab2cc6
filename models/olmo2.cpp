// OLMo 2 (arXiv:2501.00656): norms after each sublayer, none before, and an RMSNorm over all query
// heads at once and all key heads at once.
// T rows, D model width, H heads, K kv heads, d head width; rotary pairs (i, i+d/2).
#include <tenon/sdk/decoder.hpp>

namespace {

using namespace tenon::sdk;

struct Olmo2 : Decoder {
  Rope rotary;

  static Olmo2 read(Meta& m) {
    Olmo2 c{Decoder::read(m), {}};
    c.rotary = read_rope(m, c.head_dim, /*halves=*/true);
    const bool slides = m.integer_or(".attention.sliding_window", 0, 0, int64_t{1} << 31) > 0;
    m.require(!slides, "olmo2.attention.sliding_window: OLMo 3 is not supported");
    return c;
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
      d.kv_state(l, kv_heads, head_dim, head_dim);
    }
  }

  Tensor rotate(Tensor x, Tensor norm, int64_t n_heads, Tensor positions) const {
    return rope(rms_norm(x, norm, eps).view({-1, n_heads, head_dim}), positions, rotary);
  }

  Tensor attend(Tensor x, const Block& w, Tensor positions, int64_t layer) const {
    const Tensor q = rotate(w.linear("attn_q", x), w["attn_q_norm"], heads, positions);  // (T,H,d)
    const Tensor k =
        rotate(w.linear("attn_k", x), w["attn_k_norm"], kv_heads, positions);  // (T,K,d)
    const Tensor v = w.linear("attn_v", x).view({-1, kv_heads, head_dim});     // (T,K,d)
    const float scale = 1.0f / std::sqrt(static_cast<float>(head_dim));
    const Tensor mixed = attention(q, k, v, layer, {.kv_heads = kv_heads, .scale = scale});
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
