// "example-tiny": a decoder of our own, small enough to read at once: norm, attention, norm, a
// GELU network, and the embedding again as the output matrix.
// T rows, D model width, H heads, d head width; rotary pairs (i, i+d/2).
#include <cmath>
#include <tenon/sdk/ops.hpp>

namespace {

using namespace tenon::sdk;

struct ExampleTiny {
  int64_t layers, width, heads, ffn, vocab, n_ctx_train;
  float eps;

  static ExampleTiny read(Meta& m) {
    ExampleTiny c{};
    c.layers = m.integer(".block_count", 1, 1024);
    c.width = m.integer(".embedding_length", 1, 1 << 16);
    c.heads = m.integer(".attention.head_count", 1, 1024);
    c.ffn = m.integer(".feed_forward_length", 1, 1 << 20);
    c.n_ctx_train = m.integer(".context_length", 1, 1 << 30);
    c.eps = m.real_or(".attention.layer_norm_rms_epsilon", 1e-5f);
    c.vocab = m.tensor_dim("token_embd.weight", 0);
    m.require(c.vocab > 0, "token_embd.weight is missing");
    m.require(c.width % (2 * c.heads) == 0, "the heads must divide the width into even parts");
    return c;
  }

  void declare(Declare& d) const {
    d.tensor("token_embd.weight", {vocab, width});
    for (int64_t l = 0; l < layers; ++l) {
      const std::string b = "blk." + std::to_string(l) + ".";
      for (const char* name : {"attn_q", "attn_k", "attn_v", "attn_output"})
        d.tensor(b + name + ".weight", {width, width});
      for (const char* name : {"attn_norm", "ffn_norm"}) d.tensor(b + name + ".weight", {width});
      d.tensor(b + "ffn_up.weight", {ffn, width});
      d.tensor(b + "ffn_down.weight", {width, ffn});
      d.kv_state(l, heads, width / heads, width / heads);
    }
    d.tensor("output_norm.weight", {width});
    d.limit("n_vocab", vocab);
    d.limit("n_ctx_train", n_ctx_train);
  }

  Tensor attend(Tensor x, const Block& w, Tensor positions, int64_t layer) const {
    const int64_t d = width / heads;
    const Rope rotary{.dims = d, .halves = true};
    const Tensor q =
        rope(w.linear("attn_q", x).view({-1, heads, d}), positions, rotary);  // (T,H,d)
    const Tensor k = rope(w.linear("attn_k", x).view({-1, heads, d}), positions, rotary);
    const Tensor v = w.linear("attn_v", x).view({-1, heads, d});
    const float scale = 1.0f / std::sqrt(static_cast<float>(d));
    const Tensor mixed = attention(q, k, v, layer, {.kv_heads = heads, .scale = scale});
    return w.linear("attn_output", mixed.view({-1, width}));  // (T,D)
  }

  void build(Graph& g) const {
    const Tensor embedding = g.weight("token_embd.weight"), positions = g.input("positions");
    Tensor x = embed_rows(embedding, g.input("tokens"));  // (T,D)
    for (int64_t l = 0; l < layers; ++l) {
      const Block w(g, l);
      x = x + attend(rms_norm(x, w["attn_norm"], eps), w, positions, l);
      x = x + w.linear("ffn_down", gelu_tanh(w.linear("ffn_up", rms_norm(x, w["ffn_norm"], eps))));
    }
    g.scope("output");
    x = rms_norm(row_gather(x, g.input("out_ids")), g.weight("output_norm.weight"), eps);
    g.output("logits", matmul(embedding, x));
  }
};

}  // namespace

TENON_MODEL("tenon.arch.example-tiny", "1.0.0", "Tenon", "example-tiny", ExampleTiny,
            "example-tiny")
