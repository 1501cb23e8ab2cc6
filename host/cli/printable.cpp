// UTF-8, character by character.
#include "host/cli/printable.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace tenon::cli {
namespace {

constexpr std::size_t k_lines = 100;

struct Character {
  char32_t code = 0;
  std::size_t bytes = 1;
  bool valid = false;
};

// The first character; bytes that are no UTF-8 are taken one by one.
Character first_of(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = byte(0);
  if (lead < 0x80) return {lead, 1, true};
  const std::size_t bytes = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  if (lead < 0xc2 || lead > 0xf4 || text.size() < bytes) return {lead, 1, false};
  char32_t code = lead & (0xffU >> (bytes + 1));
  for (std::size_t i = 1; i < bytes; ++i) {
    if ((byte(i) & 0xc0U) != 0x80) return {lead, 1, false};
    code = (code << 6) | (byte(i) & 0x3fU);
  }
  constexpr char32_t k_least[] = {0, 0, 0x80, 0x800, 0x10000};
  const bool surrogate = code >= 0xd800 && code < 0xe000;
  return code < k_least[bytes] || code > 0x10ffff || surrogate ? Character{lead, 1, false}
                                                               : Character{code, bytes, true};
}

// Control characters, and those that turn the direction of what follows them.
bool steers(char32_t c) {
  return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0x200e || c == 0x200f || c == 0x61c ||
         (c >= 0x2028 && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069);
}

struct Escaped {
  std::string text;
  bool changed = false;
};

Escaped escape(std::string_view text, std::size_t limit) {
  Escaped out;
  for (std::size_t shown = 0; !text.empty(); ++shown) {
    if (shown == limit) return {out.text + "…", true};
    const Character c = first_of(text);
    const bool plain = c.valid && !steers(c.code);
    out.changed |= !plain;
    if (plain)
      out.text += text.substr(0, c.bytes);
    else
      out.text += c.valid && c.code > 0xff
                      ? fmt::format("\\u{:04x}", static_cast<unsigned>(c.code))
                      : fmt::format("\\x{:02x}", static_cast<unsigned>(c.code));
    text.remove_prefix(c.bytes);
  }
  return out;
}

}  // namespace

std::string printable(std::string_view text, std::size_t limit) {
  Escaped shown = escape(text, limit);
  return shown.changed ? '"' + shown.text + '"' : shown.text;
}

std::string printable_lines(std::string_view text, std::size_t limit) {
  std::string out;
  for (std::size_t line = 0; !text.empty(); ++line) {
    if (line == k_lines) return out + "…";
    const std::size_t end = std::min(text.find('\n'), text.size());
    out += escape(text.substr(0, end), limit).text;
    if (end < text.size()) out += '\n';
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out;
}

}  // namespace tenon::cli
