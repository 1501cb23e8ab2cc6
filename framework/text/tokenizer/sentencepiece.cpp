// Escaping of spaces and bytes as in SentencePiece's own encoder and decoder.
#include "framework/text/tokenizer/sentencepiece.hpp"

#include <fmt/format.h>

namespace tenon::sentencepiece {
namespace {

constexpr std::string_view k_byte_begin = "<0x", k_byte_end = ">";

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

// "<0x0A>" to 10; -1 for other texts.
int byte_of(std::string_view text) {
  if (text.size() != 6 || !text.starts_with(k_byte_begin) || !text.ends_with(k_byte_end)) return -1;
  const int high = hex_digit(text[3]), low = hex_digit(text[4]);
  return high < 0 || low < 0 ? -1 : high * 16 + low;
}

std::string unescape(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t next = std::min(text.find(k_space, at), text.size());
    out += text.substr(at, next - at);
    at = next;
    if (at == text.size()) break;
    out += ' ';
    at += k_space.size();
  }
  return out;
}

}  // namespace

std::string escape(std::string_view text) {
  std::string out;
  out.reserve(text.size() + text.size() / 2);
  for (const char c : text) {
    if (c == ' ')
      out += k_space;
    else
      out += c;
  }
  return out;
}

std::string piece(const Vocab& vocab, TokenId id) {
  const std::string_view text = vocab.text(id);
  switch (vocab.type(id)) {
    case TokenType::control:
    case TokenType::unknown:
    case TokenType::user_defined:
      return std::string(text);
    case TokenType::byte:
      if (const int byte = byte_of(text); byte >= 0) return std::string(1, static_cast<char>(byte));
      [[fallthrough]];
    default:
      return unescape(text);
  }
}

ByteFallback::ByteFallback(const Vocab& vocab) : unknown_(vocab.unk.value_or(-1)) {
  for (std::size_t byte = 0; byte < tokens_.size(); ++byte)
    tokens_[byte] = vocab.find(fmt::format("{}{:02X}{}", k_byte_begin, byte, k_byte_end));
}

void ByteFallback::append(std::string_view bytes, std::vector<TokenId>& out) const {
  for (const char c : bytes) {
    const TokenId id = tokens_[static_cast<std::uint8_t>(c)];
    if (id >= 0)
      out.push_back(id);
    else if (unknown_ >= 0 && (out.empty() || out.back() != unknown_))
      out.push_back(unknown_);  // a run of unknown bytes is one
  }
}

}  // namespace tenon::sentencepiece
