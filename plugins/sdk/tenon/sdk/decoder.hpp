// What most decoders read alike: hyper-parameters under their usual keys, and rotary positions with
// linear or YaRN scaling. A model derives from Decoder and adds what is its own.
#pragma once

#include <algorithm>
#include <cmath>
#include <tenon/sdk/ops.hpp>

#pragma GCC visibility push(hidden)
namespace tenon {
namespace sdk {
inline namespace v1_0 {

struct Decoder {
  int64_t layers = 0, width = 0, heads = 0, kv_heads = 0, head_dim = 0, ffn = 0, vocab = 0;
  int64_t n_ctx_train = 0;
  float eps = 0;
  bool fused = false;  // q, k and v are the rows of one matrix

  static Decoder read(Meta& m) {
    Decoder c;
    c.layers = m.integer(".block_count", 1, 1024);
    c.width = m.integer(".embedding_length", 1, 1 << 20);
    c.heads = m.integer(".attention.head_count", 1, 4096);
    c.kv_heads = m.integer_or(".attention.head_count_kv", c.heads, 1, c.heads);
    c.head_dim = m.integer_or(".attention.key_length", c.width / c.heads, 1, 4096);
    c.ffn = m.integer(".feed_forward_length", 1, 1 << 24);
    c.vocab = m.tensor_dim("token_embd.weight", 0);
    c.n_ctx_train = m.integer(".context_length", 1, int64_t{1} << 31);
    c.eps = m.real(".attention.layer_norm_rms_epsilon");
    c.fused = m.has_tensor("blk.0.attn_qkv.weight");
    m.require(m.integer_or(".expert_count", 0, 0, 1 << 16) == 0,
              m.arch() + ".expert_count: mixtures of experts are not supported");
    m.require(c.vocab > 0, "token_embd.weight is missing");
    m.require(c.heads % c.kv_heads == 0,
              m.arch() + ".attention.head_count_kv must divide head_count");
    m.require(c.eps > 0, m.arch() + ".attention.layer_norm_rms_epsilon must be positive");
    return c;
  }

  // Embedding, last norm and output matrix; without one the embedding is used again.
  void declare_ends(Declare& d) const {
    d.tensor("token_embd.weight", {vocab, width});
    d.tensor("output_norm.weight", {width});
    d.optional("output.weight", {vocab, width});
    d.limit("n_vocab", vocab);
    d.limit("n_ctx_train", n_ctx_train);
  }

  // The matrices of attention, three or one for q, k and v, and of a gated feed-forward network;
  // `b` is "blk.<layer>.".
  void declare_attention(Declare& d, const std::string& b) const {
    if (fused) {
      d.linear(b + "attn_qkv", (heads + 2 * kv_heads) * head_dim, width);
    } else {
      d.linear(b + "attn_q", heads * head_dim, width);
      d.linear(b + "attn_k", kv_heads * head_dim, width);
      d.linear(b + "attn_v", kv_heads * head_dim, width);
    }
    d.linear(b + "attn_output", width, heads * head_dim);
  }
  void declare_feed_forward(Declare& d, const std::string& b) const {
    d.linear(b + "ffn_gate", ffn, width);
    d.linear(b + "ffn_up", ffn, width);
    d.linear(b + "ffn_down", width, ffn);
  }

  struct Heads {
    Tensor q, k, v;  // (T,H,d), (T,K,d), (T,K,d)
  };
  Heads project(Tensor x, const Block& w) const {
    if (!fused)
      return {w.linear("attn_q", x).view({-1, heads, head_dim}),
              w.linear("attn_k", x).view({-1, kv_heads, head_dim}),
              w.linear("attn_v", x).view({-1, kv_heads, head_dim})};
    const Tensor qkv = w.linear("attn_qkv", x);
    return {qkv.heads(0, heads, head_dim), qkv.heads(heads * head_dim, kv_heads, head_dim),
            qkv.heads((heads + kv_heads) * head_dim, kv_heads, head_dim)};
  }

  Tensor swiglu(Tensor x, const Block& w) const {  // arXiv:2002.05202
    return w.linear("ffn_down", silu(w.linear("ffn_gate", x)) * w.linear("ffn_up", x));
  }

  Tensor geglu(Tensor x, const Block& w) const {  // arXiv:2002.05202
    return w.linear("ffn_down", gelu_tanh(w.linear("ffn_gate", x)) * w.linear("ffn_up", x));
  }

  // The wanted rows: x (T,D) -> logits (O,V), softly capped if `cap` is above 0.
  void logits(const Graph& g, Tensor x, float cap = 0) const {
    g.scope("output");
    x = rms_norm(row_gather(x, g.input("out_ids")), g.weight("output_norm.weight"), eps);
    const Tensor output = g.weight("output.weight");
    const Tensor y = matmul(output ? output : g.weight("token_embd.weight"), x);
    g.output("logits", cap > 0 ? softcap(y, cap) : y);
  }
};

namespace detail {

// The pair of values that turns `turns` times within the trained context.
inline double yarn_pair(const Rope& r, double turns, double context) {
  constexpr double two_pi = 6.283185307179586;
  return static_cast<double>(r.dims) * std::log(context / (turns * two_pi)) /
         (2 * std::log(static_cast<double>(r.base)));
}

// YaRN (arXiv:2309.00071): fast pairs keep their frequency, slow ones are interpolated, and the
// ramp between them has whole ends. Unless the file says so, cos and sin grow with the factor.
inline void read_yarn(Meta& m, Rope& r, float factor) {
  const double context = static_cast<double>(
      m.integer_or(".rope.scaling.original_context_length",
                   m.integer(".context_length", 1, int64_t{1} << 31), 1, int64_t{1} << 31));
  const float fast = m.real_or(".rope.scaling.yarn_beta_fast", 32.0f);
  const float slow = m.real_or(".rope.scaling.yarn_beta_slow", 1.0f);
  m.require(r.base > 1, m.arch() + ".rope.freq_base must be above 1 for YaRN");
  m.require(fast > 0 && slow > 0, m.arch() + ".rope.scaling.yarn_beta must be positive");
  const double last = static_cast<double>(r.dims - 1);
  r.yarn_low = static_cast<float>(std::clamp(std::floor(yarn_pair(r, fast, context)), 0.0, last));
  r.yarn_high = static_cast<float>(std::clamp(std::ceil(yarn_pair(r, slow, context)), 0.0, last));
  r.yarn_extrapolation = m.real_or(".rope.scaling.yarn_ext_factor", 1.0f);
  r.magnitude = m.real_or(".rope.scaling.yarn_attn_factor", 1.0f + 0.1f * std::log(factor));
}

// The factor by which positions are stretched: 0 if the file names none. Files of 2023 call it
// rope.scale_linear, and leave out the type.
inline float read_rope_factor(Meta& m) {
  const float old = m.real_or(".rope.scale_linear", 0);
  const float factor = m.real_or(".rope.scaling.factor", old);
  m.require(old == 0 || old == factor,
            m.arch() + ".rope.scale_linear and rope.scaling.factor differ");
  const bool named = m.has(".rope.scaling.factor") || m.has(".rope.scale_linear");
  m.require(!named || factor > 0, m.arch() + ".rope.scaling.factor must be positive");
  return factor;
}

}  // namespace detail

// rope.dimension_count, rope.freq_base and rope.scaling.*; `own` is a further type of scaling,
// which the model does itself.
inline Rope read_rope(Meta& m, int64_t head_dim, bool halves, const char* own = "none") {
  Rope r;
  r.halves = halves;
  r.dims = m.integer_or(".rope.dimension_count", head_dim, 2, head_dim);
  r.base = m.real_or(".rope.freq_base", 10000.0f);
  m.require(r.dims % 2 == 0, m.arch() + ".rope.dimension_count must be even");
  m.require(r.base > 0, m.arch() + ".rope.freq_base must be positive");
  for (const char* key : {".rope.scaling.finetuned", ".rope.scaling.original_context_length"})
    m.has(key);  // say how the model was trained, and nothing more about its positions
  const float factor = detail::read_rope_factor(m),
              attn = m.real_or(".rope.scaling.attn_factor", 1);
  const std::string type = m.text_or(".rope.scaling.type", factor != 0 ? "linear" : "none");
  r.magnitude = attn;
  if (type == "none" || type == own || m.failed()) return r;
  m.require(type == "linear" || type == "yarn",
            m.arch() + ".rope.scaling.type: unknown scaling " + quoted(type));
  m.require(factor != 0, m.arch() + ".rope.scaling.factor: required key is missing");
  if (m.failed()) return r;
  r.freq_scale = 1.0f / factor;
  if (type == "yarn") detail::read_yarn(m, r, factor);
  if (type == "yarn") r.magnitude *= attn;
  return r;
}

}  // namespace v1_0
}  // namespace sdk
}  // namespace tenon
#pragma GCC visibility pop
