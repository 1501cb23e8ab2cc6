// Llama (arXiv:2302.13971) and what shares its shape: SmolLM2, Mistral, TinyLlama.
// T rows, D model width, H heads, K kv heads, d head width. Query and key rows of the file are
// ordered for rotary pairs (2i, 2i+1); Llama 3 brings factors for their frequencies.
#include <tenon/sdk/decoder.hpp>

namespace {

using namespace tenon::sdk;

struct Llama : Decoder {
  Rope rotary;

  static Llama read(Meta& m) {
    Llama c{Decoder::read(m), {}};
    c.rotary = read_rope(m, c.head_dim, /*halves=*/false);
    return c;
  }

  void declare(Declare& d) const {
    declare_ends(d);
    d.optional("rope_freqs.weight", {rotary.dims / 2});
    for (int64_t l = 0; l < layers; ++l) {
      const std::string b = "blk." + std::to_string(l) + ".";
      d.tensor(b + "attn_norm.weight", {width});
      declare_attention(d, b);
      d.tensor(b + "ffn_norm.weight", {width});
      declare_feed_forward(d, b);
      d.kv_state(l, kv_heads, head_dim, head_dim);
    }
  }

  Tensor attend(Tensor x, const Block& w, Tensor positions, Tensor factors, int64_t layer) const {
    const auto [q, k, v] = project(x, w);
    const float scale = 1.0f / std::sqrt(static_cast<float>(head_dim));
    const Tensor mixed =
        attention(rope(q, positions, rotary, factors), rope(k, positions, rotary, factors), v,
                  layer, {.kv_heads = kv_heads, .scale = scale});
    return w.linear("attn_output", mixed.view({-1, heads * head_dim}));  // (T,D)
  }

  void build(Graph& g) const {
    const Tensor positions = g.input("positions"), factors = g.weight("rope_freqs.weight");
    Tensor x = embed_rows(g.weight("token_embd.weight"), g.input("tokens"));  // (T,D)
    for (int64_t l = 0; l < layers; ++l) {
      const Block w(g, l);
      x = x + attend(rms_norm(x, w["attn_norm"], eps), w, positions, factors, l);
      x = x + swiglu(rms_norm(x, w["ffn_norm"], eps), w);
    }
    logits(g, x);  // (O,V)
  }
};

}  // namespace

TENON_MODEL("tenon.arch.llama", "1.0.0", "Tenon", "llama", Llama, "llama")
