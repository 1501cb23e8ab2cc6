// quoted(): text from a file or request, made safe for a one-line message: escaped and cut short.
#pragma once

#include <fmt/format.h>

#include <cstddef>
#include <iterator>
#include <string>
#include <string_view>

namespace tenon {

// Control bytes and non-ASCII become \xNN, so a hostile name cannot drive the user's terminal.
inline std::string quoted(std::string_view text, std::size_t limit = 96) {
  std::string out = "\"";
  for (const char c : text.substr(0, limit)) {
    const auto byte = static_cast<unsigned char>(c);
    const bool plain = byte >= 0x20 && byte < 0x7f && c != '"' && c != '\\';
    if (plain) {
      out += c;
    } else {
      fmt::format_to(std::back_inserter(out), "\\x{:02x}", byte);
    }
  }
  return out + (text.size() > limit ? "…\"" : "\"");
}

}  // namespace tenon
