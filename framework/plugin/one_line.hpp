// one_line(): text that a plugin wrote, as one printable line of bounded length.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>

namespace tenon {

// Control characters become spaces: a message must not drive the user's terminal.
inline std::string one_line(std::string_view text, std::size_t limit = 4096) {
  std::string line(text.substr(0, limit));
  std::replace_if(
      line.begin(), line.end(),
      [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == '\x7f'; }, ' ');
  return line;
}

}  // namespace tenon
