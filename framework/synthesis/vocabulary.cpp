// Token texts, types and merges.
#include "framework/synthesis/vocabulary.hpp"

#include <fmt/format.h>

#include "framework/formats/gguf/gguf.hpp"
#include "framework/text/tokenizer/byte_level.hpp"

namespace tenon {
namespace {

constexpr std::int32_t k_normal = 1, k_control = 3;  // of tokenizer.ggml.token_type
constexpr std::uint32_t k_letters = 26, k_pairs = k_letters * k_letters;
constexpr const char* k_control_tokens[] = {"<|endoftext|>", "<|im_start|>", "<|im_end|>"};

constexpr const char* k_chat_template =
    "{% for message in messages %}<|im_start|>{{ message['role'] }}\n{{ message['content'] }}"
    "<|im_end|>\n{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}";

struct Piece {
  std::string left, right;
};

std::string pair(std::uint32_t i) {
  return {static_cast<char>('a' + i / k_letters), static_cast<char>('a' + i % k_letters)};
}

// Pieces in the order in which they are merged: all pairs of letters, then pairs of those.
Piece piece(std::uint32_t i) {
  if (i < k_pairs) return {pair(i).substr(0, 1), pair(i).substr(1)};
  return {pair((i - k_pairs) / k_pairs), pair((i - k_pairs) % k_pairs)};
}

std::vector<std::int32_t> token_types(std::uint32_t size) {
  std::vector<std::int32_t> types(size, k_normal);
  std::fill(types.end() - std::ssize(k_control_tokens), types.end(), k_control);
  return types;
}

}  // namespace

void add_vocabulary(GgufHeader& header, std::uint32_t size) {
  const ByteLevel bytes;
  std::vector<std::string> tokens, merges;
  for (unsigned byte = 0; byte < 256; ++byte)
    tokens.emplace_back(bytes.spell(static_cast<std::uint8_t>(byte)));
  for (std::uint32_t i = 0; i < size - 256 - std::size(k_control_tokens); ++i) {
    const Piece p = piece(i);
    tokens.push_back(p.left + p.right);
    merges.push_back(p.left + " " + p.right);
  }
  tokens.insert(tokens.end(), std::begin(k_control_tokens), std::end(k_control_tokens));
  header.add("tokenizer.ggml.model", "gpt2");
  header.add("tokenizer.ggml.pre", "gpt-2");
  header.add("tokenizer.ggml.tokens", std::span<const std::string>(tokens));
  header.add("tokenizer.ggml.token_type", std::span<const std::int32_t>(token_types(size)));
  header.add("tokenizer.ggml.merges", std::span<const std::string>(merges));
  header.add("tokenizer.ggml.bos_token_id", size - 3);
  header.add("tokenizer.ggml.eos_token_id", size - 1);
  header.add("tokenizer.ggml.padding_token_id", size - 3);
  header.add("tokenizer.ggml.add_bos_token", false);
  header.add("tokenizer.chat_template", k_chat_template);
}

Result<std::uint32_t> copy_vocabulary(GgufHeader& header, const std::filesystem::path& path) {
  const auto file = GgufFile::open(path);
  if (!file) return fail(file);
  for (const GgufEntry& entry : file->metadata().entries())
    if (entry.name.starts_with("tokenizer.")) header.copy(entry);
  const auto tokens = file->metadata().get_strings("tokenizer.ggml.tokens");
  if (!tokens) return fail(tokens);
  if (!*tokens || (*tokens)->size() == 0)
    return fail(ErrorCode::model, file->name() + ": has no vocabulary: tokenizer.ggml.tokens");
  return static_cast<std::uint32_t>((*tokens)->size());
}

}  // namespace tenon
