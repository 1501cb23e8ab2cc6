// A llama of two layers with random weights of every type that the packs know, as GGUF bytes: small
// enough to load and run in milliseconds, with any key or tensor open to a lie.
#pragma once

#include <cstdint>
#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "framework/text/tokenizer/byte_level.hpp"
#include "tests/unit/formats/gguf_builder.hpp"

namespace tenon::testing {

struct TinyLlama {
  std::string architecture = "llama";
  std::map<std::string, std::uint32_t> integers = {
      {"llama.block_count", 2},
      {"llama.embedding_length", 128},
      {"llama.attention.head_count", 4},
      {"llama.attention.head_count_kv", 2},
      {"llama.feed_forward_length", 256},
      {"llama.context_length", 1024},
      {"tokenizer.ggml.eos_token_id", 258},
      {"tokenizer.ggml.bos_token_id", 257},
  };
  std::map<std::string, float> reals = {
      {"llama.attention.layer_norm_rms_epsilon", 1e-5F},
      {"llama.rope.freq_base", 10000.0F},
  };
  std::map<std::string, bool> flags = {{"tokenizer.ggml.add_bos_token", false}};
  std::set<std::string> without;     // keys and tensors to leave out
  std::set<std::string> not_finite;  // tensors whose first value is NaN
  std::set<std::string> infinite;    // or infinity: of f32, or the scale of q8_0
  std::string chat_template;         // "": tiny::k_template
  std::uint64_t feed_forward = 256;  // of the tensors; the key is another thing

  // Weights and activations that a small device must split.
  static TinyLlama wide() {
    TinyLlama model;
    model.feed_forward = model.integers["llama.feed_forward_length"] = 4096;
    return model;
  }

  Bytes build() const;

 private:
  void add_tokenizer(GgufBuilder& file) const;
  void add_tensors(GgufBuilder& file) const;
  Bytes weights(const std::string& name, std::uint64_t count, const std::string& dtype) const;
};

// Random values of each type; rows of weights have a norm near 1.
namespace tiny {

constexpr std::uint32_t k_vocab = 263;  // no multiple of any tile
constexpr const char* k_template =
    "{% for m in messages %}<|start|>{{ m['role'] }}: {{ m['content'] }}<|end|>{% endfor %}"
    "{% if add_generation_prompt %}<|start|>assistant: {% endif %}";

inline void put_half(Bytes& out, std::uint32_t bits) { put(out, static_cast<std::uint16_t>(bits)); }

inline void random_bytes(Bytes& out, std::mt19937& random, std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) out.push_back(static_cast<std::byte>(random() & 0xff));
}

inline void put_q8_0(Bytes& out, std::mt19937& random) {
  put_half(out, 0x1400u | (random() & 0x3ff));  // 2^-10 … 2^-9
  random_bytes(out, random, 32);
}

inline void put_q4_1(Bytes& out, std::mt19937& random) {
  put_half(out, 0x2400u | (random() & 0x3ff));  // 2^-6 … 2^-5
  put_half(out, 0xae00u | (random() & 0xff));   // about -0.1
  random_bytes(out, random, 16);
}

inline void put_f16(Bytes& out, std::mt19937& random) {
  const std::uint32_t exponent = 9 + (random() & 3);  // 2^-6 … 2^-3
  put_half(out, (random() & 0x8000u) | exponent << 10 | (random() & 0x3ff));
}

inline void put_f32(Bytes& out, std::mt19937& random) {
  put(out, static_cast<float>(random() % 2001) / 8000.0F - 0.125F);
}

inline void put_infinity(Bytes& values, const std::string& dtype) {
  Bytes infinity;
  if (dtype == "f32") put(infinity, 0x7f800000u);
  if (dtype == "q8_0") put_half(infinity, 0x7c00u);
  std::copy(infinity.begin(), infinity.end(), values.begin());
}

}  // namespace tiny

inline Bytes TinyLlama::build() const {
  GgufBuilder file;
  file.string("general.architecture", architecture);
  for (const auto& [key, value] : integers)
    if (!without.contains(key)) file.scalar<std::uint32_t>(key, value);
  for (const auto& [key, value] : reals)
    if (!without.contains(key)) file.scalar<float>(key, value);
  add_tokenizer(file);
  add_tensors(file);
  return file.build();
}

inline void TinyLlama::add_tokenizer(GgufBuilder& file) const {
  const ByteLevel bytes;
  std::vector<std::string> tokens;
  for (unsigned byte = 0; byte < 256; ++byte)
    tokens.emplace_back(bytes.spell(static_cast<std::uint8_t>(byte)));
  tokens.insert(tokens.end(), {"he", "<|start|>", "<|end|>", "er", "th", "in", "an"});
  std::vector<std::int32_t> types(tokens.size(), 1);
  types[257] = types[258] = 3;
  if (!without.contains("tokenizer.ggml.model")) file.string("tokenizer.ggml.model", "gpt2");
  file.string("tokenizer.ggml.pre", "smollm").strings("tokenizer.ggml.tokens", tokens);
  file.array<std::int32_t>("tokenizer.ggml.token_type", types);
  file.strings("tokenizer.ggml.merges", {"h e", "e r", "t h", "i n", "a n"});
  for (const auto& [key, value] : flags) file.scalar<bool>(key, value);
  if (!without.contains("tokenizer.chat_template"))
    file.string("tokenizer.chat_template",
                chat_template.empty() ? tiny::k_template : chat_template);
}

inline Bytes TinyLlama::weights(const std::string& name, std::uint64_t count,
                                const std::string& dtype) const {
  std::uint32_t seed = 2166136261u;  // FNV-1a of the name: no two tensors are alike
  for (const char c : name) seed = (seed ^ static_cast<std::uint8_t>(c)) * 16777619u;
  std::mt19937 random(seed);
  Bytes out;
  if (dtype == "q8_0")
    for (std::uint64_t i = 0; i < count / 32; ++i) tiny::put_q8_0(out, random);
  if (dtype == "q4_1")
    for (std::uint64_t i = 0; i < count / 32; ++i) tiny::put_q4_1(out, random);
  if (dtype == "f16")
    for (std::uint64_t i = 0; i < count; ++i) tiny::put_f16(out, random);
  if (dtype == "f32")
    for (std::uint64_t i = 0; i < count; ++i) tiny::put_f32(out, random);
  if (not_finite.contains(name)) std::fill_n(out.begin(), 4, std::byte{0xff});
  if (infinite.contains(name)) tiny::put_infinity(out, dtype);
  return out;
}

inline void TinyLlama::add_tensors(GgufBuilder& file) const {
  const auto add = [&](const std::string& name, std::vector<std::uint64_t> dims,
                       const std::string& dtype) {
    std::uint64_t count = 1;
    for (const auto dim : dims) count *= dim;
    if (!without.contains(name))
      file.tensor({name, dims, find_dtype(dtype)->ggml_type, weights(name, count, dtype), {}});
  };
  const auto norm = [&](const std::string& name) {
    Bytes ones;
    for (int i = 0; i < 128; ++i) put(ones, 1.0F);
    if (not_finite.contains(name)) std::fill_n(ones.begin(), 4, std::byte{0xff});
    if (infinite.contains(name)) tiny::put_infinity(ones, "f32");
    if (!without.contains(name)) file.tensor({name, {128}, find_dtype("f32")->ggml_type, ones, {}});
  };
  add("token_embd.weight", {tiny::k_vocab, 128}, "q8_0");
  const std::vector<std::vector<std::string>> types = {{"q4_1", "f16", "q4_1"},
                                                       {"q8_0", "f32", "q8_0"}};
  for (std::size_t layer = 0; layer < types.size(); ++layer) {
    const std::string block = "blk." + std::to_string(layer) + ".";
    norm(block + "attn_norm.weight");
    add(block + "attn_q.weight", {128, 128}, types[layer][0]);
    add(block + "attn_k.weight", {64, 128}, types[layer][0]);
    add(block + "attn_v.weight", {64, 128}, types[layer][0]);
    add(block + "attn_output.weight", {128, 128}, types[layer][1]);
    norm(block + "ffn_norm.weight");
    add(block + "ffn_gate.weight", {feed_forward, 128}, types[layer][2]);
    add(block + "ffn_up.weight", {feed_forward, 128}, types[layer][2]);
    add(block + "ffn_down.weight", {128, feed_forward}, types[layer][2]);
  }
  norm("output_norm.weight");
}

}  // namespace tenon::testing
