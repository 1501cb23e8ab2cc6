// UTF-8: decoding that survives any bytes, and the repairs that text from outside needs.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace tenon::utf8 {

inline constexpr std::string_view k_replacement = "\xEF\xBF\xBD";  // U+FFFD

enum class State : std::uint8_t { valid, invalid, incomplete };

// What stands at the front of a text: a code point of `length` bytes, the `length` bytes of a
// maximal invalid part, or the beginning of a sequence that more bytes may complete.
struct Decoded {
  State state;
  std::uint32_t code_point;
  std::size_t length;
};

// `text` must not be empty.
Decoded decode(std::string_view text);

void append(std::string& out, std::uint32_t code_point);
bool is_valid(std::string_view text);

// Replaces each byte that belongs to no valid sequence with U+FFFD, as llama.cpp does.
std::string repair(std::string_view text);

// Code points of a valid text.
std::size_t length(std::string_view text);

}  // namespace tenon::utf8
