// Leftmost longest match over a sorted list: each further byte narrows the range of candidates.
#include "framework/text/tokenizer/special_tokens.hpp"

#include <algorithm>

namespace tenon {
namespace {

std::uint8_t byte_at(std::string_view text, std::size_t i) {
  return static_cast<std::uint8_t>(text[i]);
}

constexpr std::string_view k_white_space = " \t\n\v\f\r";

bool strips_right(const StripRule& rule, std::string_view text) {
  return std::find(rule.except.begin(), rule.except.end(), text) == rule.except.end();
}

}  // namespace

SpecialTokens::SpecialTokens(const Vocab& vocab, std::string_view model_name) {
  const StripRule* rule = find_strip_rule(model_name);
  for (std::size_t i = 0; i < vocab.size(); ++i) {
    const TokenId id = static_cast<TokenId>(i);
    const TokenType type = vocab.type(id);
    const bool always = type == TokenType::user_defined;
    if (!always && type != TokenType::control && type != TokenType::unknown) continue;
    const std::string_view text = vocab.text(id);
    if (!text.empty()) entries_.push_back({text, id, always, rule && strips_right(*rule, text)});
  }
  // Stable, so that of equal texts the first id stands first.
  std::stable_sort(entries_.begin(), entries_.end(),
                   [](const Entry& a, const Entry& b) { return a.text < b.text; });
  for (const Entry& e : entries_) ++first_byte_[byte_at(e.text, 0) + 1u];
  for (std::size_t b = 1; b < first_byte_.size(); ++b) first_byte_[b] += first_byte_[b - 1];
}

SpecialTokens::Match SpecialTokens::longest_at(std::string_view text, std::size_t at,
                                               bool parse_special,
                                               std::span<const TextRange> plain) const {
  Match best;
  bool strips = false;
  const std::uint8_t first = byte_at(text, at);
  auto low = entries_.begin() + first_byte_[first],
       high = entries_.begin() + first_byte_[first + 1u];
  for (std::size_t depth = 1; low != high; ++depth) {
    // Entries that end here stand first; a duplicate text loses to the first usable one.
    for (; low != high && low->text.size() == depth; ++low)
      if (best.end != at + depth &&
          (low->always || (parse_special && !overlaps(plain, {at, at + depth})))) {
        best = {at, at + depth, low->id};
        strips = low->strips_right;
      }
    if (at + depth == text.size()) break;
    const std::uint8_t next = byte_at(text, at + depth);
    low = std::lower_bound(low, high, next, [depth](const Entry& e, std::uint8_t b) {
      return byte_at(e.text, depth) < b;
    });
    high = std::upper_bound(low, high, next, [depth](std::uint8_t b, const Entry& e) {
      return b < byte_at(e.text, depth);
    });
  }
  if (strips) best.end = std::min(text.find_first_not_of(k_white_space, best.end), text.size());
  return best;
}

SpecialTokens::Match SpecialTokens::find(std::string_view text, std::size_t from,
                                         bool parse_special,
                                         std::span<const TextRange> plain) const {
  if (entries_.empty()) return {};
  for (std::size_t at = from; at < text.size(); ++at) {
    const std::uint8_t first = byte_at(text, at);
    if (first_byte_[first] == first_byte_[first + 1u]) continue;
    const Match match = longest_at(text, at, parse_special, plain);
    if (match.id >= 0) return match;
  }
  return {};
}

}  // namespace tenon
