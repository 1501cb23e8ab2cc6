// Emits complete code points, replaces what can never become one, keeps what still may.
#include "framework/text/stream/detokenizer.hpp"

#include "framework/base/utf8.hpp"

namespace tenon {

std::string Detokenizer::push(TokenId id) {
  const bool special = tokenizer_.is_special(id);
  if (!options_.control_tokens && tokenizer_.is_control(id)) {
    skip_space_ = tokenizer_.adds_space();
    return finish();
  }
  const std::string piece = tokenizer_.piece(id);
  held_back_ += skip_space_ && !special && piece.starts_with(' ') ? piece.substr(1) : piece;
  skip_space_ = special ? tokenizer_.adds_space() : skip_space_ && piece.empty();
  std::string out;
  std::string_view rest = held_back_;
  while (!rest.empty()) {
    const utf8::Decoded d = utf8::decode(rest);
    if (d.state == utf8::State::incomplete) break;
    out += d.state == utf8::State::valid ? rest.substr(0, d.length) : utf8::k_replacement;
    rest.remove_prefix(d.length);
  }
  held_back_.erase(0, held_back_.size() - rest.size());
  return out;
}

std::string Detokenizer::finish() {
  const bool broken = !held_back_.empty();
  held_back_.clear();
  return std::string(broken ? utf8::k_replacement : std::string_view());
}

std::string detokenize(const Tokenizer& tokenizer, std::span<const TokenId> ids,
                       DetokenizeOptions options) {
  options.at_start = true;
  Detokenizer detokenizer(tokenizer, options);
  std::string text;
  for (const TokenId id : ids) text += detokenizer.push(id);
  return text + detokenizer.finish();
}

}  // namespace tenon
