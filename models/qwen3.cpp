// Qwen3, dense (arXiv:2505.09388): Llama-style blocks with an RMSNorm on every query and key head.
// T rows, D model width, H heads, K kv heads, d head width; rotary pairs (i, i+d/2).
#include <tenon/sdk/decoder.hpp>

namespace {

using namespace tenon::sdk;

struct Qwen3 : Decoder {
  Rope rotary;

  static Qwen3 read(Meta& m) {
    Qwen3 c{Decoder::read(m), {}};
    c.rotary = read_rope(m, c.head_dim, /*halves=*/true);
    return c;
  }

  void declare(Declare& d) const {
    declare_ends(d);
    for (int64_t l = 0; l < layers; ++l) {
      const std::string b = "blk." + std::to_string(l) + ".";
      d.tensor(b + "attn_norm.weight", {width});
      declare_attention(d, b);
      d.tensor(b + "attn_q_norm.weight", {head_dim});
      d.tensor(b + "attn_k_norm.weight", {head_dim});
      d.tensor(b + "ffn_norm.weight", {width});
      declare_feed_forward(d, b);
      d.kv_state(l, kv_heads, head_dim, head_dim);
    }
  }

  Tensor rotate(Tensor heads_of, Tensor norm, Tensor positions) const {
    return rope(rms_norm(heads_of, norm, eps), positions, rotary);
  }

  Tensor attend(Tensor x, const Block& w, Tensor positions, int64_t layer) const {
    const auto [q, k, v] = project(x, w);
    const float scale = 1.0f / std::sqrt(static_cast<float>(head_dim));
    const Tensor mixed =
        attention(rotate(q, w["attn_q_norm"], positions), rotate(k, w["attn_k_norm"], positions), v,
                  layer, {.kv_heads = kv_heads, .scale = scale});
    return w.linear("attn_output", mixed.view({-1, heads * head_dim}));  // (T,D)
  }

  void build(Graph& g) const {
    const Tensor positions = g.input("positions");
    Tensor x = embed_rows(g.weight("token_embd.weight"), g.input("tokens"));  // (T,D)
    for (int64_t l = 0; l < layers; ++l) {
      const Block w(g, l);
      x = x + attend(rms_norm(x, w["attn_norm"], eps), w, positions, l);
      x = x + swiglu(rms_norm(x, w["ffn_norm"], eps), w);
    }
    logits(g, x);  // (O,V)
  }
};

}  // namespace

TENON_MODEL("tenon.arch.qwen3", "1.0.0", "Tenon", "qwen3", Qwen3, "qwen3")
