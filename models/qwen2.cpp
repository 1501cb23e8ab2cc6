// Qwen2 and Qwen2.5, dense (arXiv:2407.10671): Llama-style blocks with biases on q, k and v.
// T rows, D model width, H heads, K kv heads, d head width; rotary pairs (i, i+d/2).
#include <tenon/sdk/decoder.hpp>

namespace {

using namespace tenon::sdk;

struct Qwen2 : Decoder {
  Rope rotary;

  static Qwen2 read(Meta& m) {
    Qwen2 c{Decoder::read(m), {}};
    c.rotary = read_rope(m, c.head_dim, /*halves=*/true);
    return c;
  }

  void declare(Declare& d) const {
    declare_ends(d);
    for (int64_t l = 0; l < layers; ++l) {
      const std::string b = "blk." + std::to_string(l) + ".";
      d.tensor(b + "attn_norm.weight", {width});
      declare_attention(d, b);
      d.tensor(b + "ffn_norm.weight", {width});
      declare_feed_forward(d, b);
      d.kv_state(l, kv_heads, head_dim, head_dim);
    }
  }

  Tensor attend(Tensor x, const Block& w, Tensor positions, int64_t layer) const {
    const auto [q, k, v] = project(x, w);
    const float scale = 1.0f / std::sqrt(static_cast<float>(head_dim));
    const Tensor mixed = attention(rope(q, positions, rotary), rope(k, positions, rotary), v, layer,
                                   {.kv_heads = kv_heads, .scale = scale});
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

TENON_MODEL("tenon.arch.qwen2", "1.0.0", "Tenon", "qwen2", Qwen2, "qwen2")
