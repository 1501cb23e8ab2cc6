// UTF-8 decoding by the table of well-formed byte sequences (Unicode 15, table 3-7).
#include "framework/base/utf8.hpp"

namespace tenon::utf8 {
namespace {

struct Lead {
  std::uint8_t first, last;             // range of the lead byte
  std::uint8_t length;                  // bytes of the sequence
  std::uint8_t second_min, second_max;  // range of the second byte; later ones are 80..BF
};

constexpr Lead k_leads[] = {
    {0xC2, 0xDF, 2, 0x80, 0xBF}, {0xE0, 0xE0, 3, 0xA0, 0xBF}, {0xE1, 0xEC, 3, 0x80, 0xBF},
    {0xED, 0xED, 3, 0x80, 0x9F}, {0xEE, 0xEF, 3, 0x80, 0xBF}, {0xF0, 0xF0, 4, 0x90, 0xBF},
    {0xF1, 0xF3, 4, 0x80, 0xBF}, {0xF4, 0xF4, 4, 0x80, 0x8F},
};

const Lead* find_lead(std::uint8_t byte) {
  for (const Lead& lead : k_leads)
    if (byte >= lead.first && byte <= lead.last) return &lead;
  return nullptr;
}

std::uint8_t byte_at(std::string_view text, std::size_t i) {
  return static_cast<std::uint8_t>(text[i]);
}

}  // namespace

Decoded decode(std::string_view text) {
  const std::uint8_t first = byte_at(text, 0);
  if (first < 0x80) return {State::valid, first, 1};
  const Lead* lead = find_lead(first);
  if (lead == nullptr) return {State::invalid, 0, 1};
  std::uint32_t code_point = first & (0xFFu >> (lead->length + 1));
  std::uint8_t low = lead->second_min, high = lead->second_max;
  for (std::size_t i = 1; i < lead->length; ++i) {
    if (i == text.size()) return {State::incomplete, 0, i};
    const std::uint8_t byte = byte_at(text, i);
    if (byte < low || byte > high) return {State::invalid, 0, i};
    code_point = (code_point << 6) | (byte & 0x3Fu);
    low = 0x80;
    high = 0xBF;
  }
  return {State::valid, code_point, lead->length};
}

void append(std::string& out, std::uint32_t code_point) {
  const auto put = [&out](std::uint32_t byte) { out.push_back(static_cast<char>(byte)); };
  if (code_point < 0x80) return put(code_point);
  if (code_point < 0x800) {
    put(0xC0 | (code_point >> 6));
  } else {
    if (code_point < 0x10000) {
      put(0xE0 | (code_point >> 12));
    } else {
      put(0xF0 | (code_point >> 18));
      put(0x80 | ((code_point >> 12) & 0x3F));
    }
    put(0x80 | ((code_point >> 6) & 0x3F));
  }
  put(0x80 | (code_point & 0x3F));
}

bool is_valid(std::string_view text) {
  while (!text.empty()) {
    const Decoded d = decode(text);
    if (d.state != State::valid) return false;
    text.remove_prefix(d.length);
  }
  return true;
}

std::string repair(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const Decoded d = decode(text);
    if (d.state == State::valid) {
      out.append(text.substr(0, d.length));
    } else {
      for (std::size_t i = 0; i < d.length; ++i) out.append(k_replacement);
    }
    text.remove_prefix(d.length);
  }
  return out;
}

std::size_t length(std::string_view text) {
  std::size_t n = 0;
  for (const char c : text) n += (static_cast<std::uint8_t>(c) & 0xC0) != 0x80;
  return n;
}

}  // namespace tenon::utf8
