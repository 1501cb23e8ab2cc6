// Llama (arXiv:2302.13971) and what shares its shape: SmolLM2, Mistral, TinyLlama.
// T rows, D model width, H heads, K kv heads, d head width. Query and key rows of the file are
// ordered for rotary pairs (2i, 2i+1).
#include <cmath>
#include <tenon/sdk/ops.hpp>

namespace {

using namespace tenon::sdk;

struct Llama {
  int64_t layers, width, heads, kv_heads, head_dim, ffn, vocab, n_ctx_train;
  float eps;
  Rope rotary;
  bool tied;

  static Llama read(Meta& m) {
    Llama c{};
    c.layers = m.integer(".block_count", 1, 1024);
    c.width = m.integer(".embedding_length", 1, 1 << 20);
    c.heads = m.integer(".attention.head_count", 1, 4096);
    c.kv_heads = m.integer_or(".attention.head_count_kv", c.heads, 1, c.heads);
    c.head_dim = m.integer_or(".attention.key_length", c.width / c.heads, 1, 4096);
    c.ffn = m.integer(".feed_forward_length", 1, 1 << 24);
    c.vocab = m.tensor_dim("token_embd.weight", 0);
    c.n_ctx_train = m.integer(".context_length", 1, int64_t{1} << 31);
    c.eps = m.real(".attention.layer_norm_rms_epsilon");
    c.rotary.dims = m.integer_or(".rope.dimension_count", c.head_dim, 2, c.head_dim);
    c.rotary.base = m.real_or(".rope.freq_base", 10000.0f);
    c.tied = !m.has_tensor("output.weight");
    m.require(c.vocab > 0, "token_embd.weight is missing");
    m.require(c.heads % c.kv_heads == 0, "llama.attention.head_count_kv must divide head_count");
    m.require(c.rotary.dims % 2 == 0, "llama.rope.dimension_count must be even");
    m.require(c.rotary.base > 0, "llama.rope.freq_base must be positive");
    m.require(c.eps > 0, "llama.attention.layer_norm_rms_epsilon must be positive");
    if (m.text_or(".rope.scaling.type", "none") == "linear") {
      const float factor = m.real(".rope.scaling.factor");
      m.require(factor > 0, "llama.rope.scaling.factor must be positive");
      c.rotary.freq_scale = 1.0f / factor;
    }
    return c;
  }

  void declare(Declare& d) const {
    d.tensor("token_embd.weight", {vocab, width});
    for (int64_t l = 0; l < layers; ++l) {
      const std::string b = "blk." + std::to_string(l) + ".";
      d.tensor(b + "attn_norm.weight", {width});
      d.tensor(b + "attn_q.weight", {heads * head_dim, width});
      d.tensor(b + "attn_k.weight", {kv_heads * head_dim, width});
      d.tensor(b + "attn_v.weight", {kv_heads * head_dim, width});
      d.optional(b + "attn_q.bias", {heads * head_dim});
      d.optional(b + "attn_k.bias", {kv_heads * head_dim});
      d.optional(b + "attn_v.bias", {kv_heads * head_dim});
      d.tensor(b + "attn_output.weight", {width, heads * head_dim});
      d.tensor(b + "ffn_norm.weight", {width});
      d.tensor(b + "ffn_gate.weight", {ffn, width});
      d.tensor(b + "ffn_up.weight", {ffn, width});
      d.tensor(b + "ffn_down.weight", {width, ffn});
      d.kv_layer(l, kv_heads, head_dim, head_dim);
    }
    d.tensor("output_norm.weight", {width});
    d.optional("output.weight", {vocab, width});
    d.optional("rope_freqs.weight", {rotary.dims / 2});
    d.limit("n_vocab", vocab);
    d.limit("n_ctx_train", n_ctx_train);
  }

  Tensor attend(Tensor x, const Block& w, Tensor positions, Tensor factors, int64_t layer) const {
    const Tensor q = w.linear("attn_q", x).view({-1, heads, head_dim});     // (T,H,d)
    const Tensor k = w.linear("attn_k", x).view({-1, kv_heads, head_dim});  // (T,K,d)
    const Tensor v = w.linear("attn_v", x).view({-1, kv_heads, head_dim});  // (T,K,d)
    const float scale = 1.0f / std::sqrt(static_cast<float>(head_dim));
    const Tensor mixed =
        attention(rope(q, positions, rotary, factors), rope(k, positions, rotary, factors), v,
                  layer, {.kv_heads = kv_heads, .scale = scale});
    return w.linear("attn_output", mixed.view({-1, heads * head_dim}));  // (T,D)
  }

  Tensor feed_forward(Tensor x, const Block& w) const {  // SwiGLU (arXiv:2002.05202)
    return w.linear("ffn_down", silu(w.linear("ffn_gate", x)) * w.linear("ffn_up", x));
  }

  void build(Graph& g) const {
    const Tensor positions = g.input("positions"), factors = g.weight("rope_freqs.weight");
    const Tensor embedding = g.weight("token_embd.weight");
    Tensor x = embed_rows(embedding, g.input("tokens"));  // (T,D)
    for (int64_t l = 0; l < layers; ++l) {
      const Block w(g, l);
      x = x + attend(rms_norm(x, w["attn_norm"], eps), w, positions, factors, l);
      x = x + feed_forward(rms_norm(x, w["ffn_norm"], eps), w);
    }
    g.scope("output");
    x = rms_norm(row_gather(x, g.input("out_ids")), g.weight("output_norm.weight"), eps);
    g.output("logits", matmul(tied ? embedding : g.weight("output.weight"), x));  // (O,V)
  }
};

}  // namespace

TENON_MODEL("tenon.arch.llama", "1.0.0", "Tenon", "llama", Llama, "llama")
