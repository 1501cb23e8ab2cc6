// MicroLlama: the smallest llama that loads and answers, about 12 kB, so that every byte of the
// file can be cut off or changed in turn; any key or tensor can be left out, replaced or added.
#pragma once

#include <functional>
#include <set>
#include <string>
#include <vector>

#include "tests/unit/formats/gguf_builder.hpp"

namespace tenon::testing {

struct MicroLlama {
  std::set<std::string> without;           // keys and tensors to leave out
  std::function<void(GgufBuilder&)> more;  // adds keys after, tensors before the honest ones

  static constexpr std::uint64_t k_width = 32, k_kv = 16;
  static constexpr const char* k_template =
      "{% for m in messages %}<|start|>{{ m.role }}: {{ m['content'] | trim }}<|end|>{% endfor %}"
      "{% if add_generation_prompt %}<|start|>{% endif %}";

  static std::vector<std::string> tokens() {
    return {"a", "b", "c", "d", "e", "h", "l", "o", "he", "<|start|>", "<|end|>", "\u0120"};
  }

  Bytes build() const {
    GgufBuilder file;
    add_keys(file);
    add_tokenizer(file);
    if (more) more(file);
    add_tensors(file);
    return file.build();
  }

 private:
  bool has(const std::string& name) const { return !without.contains(name); }

  template <class T>
  void scalar(GgufBuilder& file, const std::string& key, T value) const {
    if (has(key)) file.scalar<T>(key, value);
  }

  void add_keys(GgufBuilder& file) const {
    if (has("general.architecture")) file.string("general.architecture", "llama");
    scalar<std::uint32_t>(file, "llama.block_count", 1);
    scalar<std::uint32_t>(file, "llama.embedding_length", k_width);
    scalar<std::uint32_t>(file, "llama.attention.head_count", 2);
    scalar<std::uint32_t>(file, "llama.attention.head_count_kv", 1);
    scalar<std::uint32_t>(file, "llama.feed_forward_length", k_width);
    scalar<std::uint32_t>(file, "llama.context_length", 64);
    scalar<float>(file, "llama.attention.layer_norm_rms_epsilon", 1e-5F);
    scalar<float>(file, "llama.rope.freq_base", 10000.0F);
  }

  void add_tokenizer(GgufBuilder& file) const {
    const auto key = [](const char* name) { return std::string("tokenizer.ggml.") + name; };
    if (has(key("model"))) file.string(key("model"), "gpt2");
    if (has(key("pre"))) file.string(key("pre"), "gpt-2");
    if (has(key("tokens"))) file.strings(key("tokens"), tokens());
    std::vector<std::int32_t> types(tokens().size(), 1);
    types[9] = types[10] = 3;
    if (has(key("token_type"))) file.array<std::int32_t>(key("token_type"), types);
    if (has(key("merges"))) file.strings(key("merges"), {"h e"});
    scalar<std::uint32_t>(file, key("bos_token_id"), 9);
    scalar<std::uint32_t>(file, key("eos_token_id"), 10);
    scalar<bool>(file, key("add_bos_token"), false);
    if (has("tokenizer.chat_template")) file.string("tokenizer.chat_template", k_template);
  }

  void matrix(GgufBuilder& file, const std::string& name, std::uint64_t rows) const {
    Bytes data;
    for (std::uint64_t block = 0; block < rows * k_width / 32; ++block) {
      put<std::uint16_t>(data, 0x1800);  // 2^-9
      for (unsigned i = 0; i < 32; ++i)
        data.push_back(static_cast<std::byte>((block * 31 + i * 57 + name.size()) & 0xff));
    }
    if (has(name)) file.tensor({name, {rows, k_width}, 8, data, {}});
  }

  void norm(GgufBuilder& file, const std::string& name) const {
    Bytes ones;
    for (std::uint64_t i = 0; i < k_width; ++i) put(ones, 1.0F);
    if (has(name)) file.tensor({name, {k_width}, 0, ones, {}});
  }

  void add_tensors(GgufBuilder& file) const {
    matrix(file, "token_embd.weight", tokens().size());
    norm(file, "blk.0.attn_norm.weight");
    matrix(file, "blk.0.attn_q.weight", k_width);
    matrix(file, "blk.0.attn_k.weight", k_kv);
    matrix(file, "blk.0.attn_v.weight", k_kv);
    matrix(file, "blk.0.attn_output.weight", k_width);
    norm(file, "blk.0.ffn_norm.weight");
    matrix(file, "blk.0.ffn_gate.weight", k_width);
    matrix(file, "blk.0.ffn_up.weight", k_width);
    matrix(file, "blk.0.ffn_down.weight", k_width);
    norm(file, "output_norm.weight");
  }
};

}  // namespace tenon::testing
