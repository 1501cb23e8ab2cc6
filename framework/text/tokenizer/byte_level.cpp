// Builds both directions of the byte-level spelling.
#include "framework/text/tokenizer/byte_level.hpp"

#include "framework/base/utf8.hpp"

namespace tenon {
namespace {

bool stands_for_itself(std::uint32_t byte) {
  return (byte >= 0x21 && byte <= 0x7E) || (byte >= 0xA1 && byte <= 0xAC) || byte >= 0xAE;
}

}  // namespace

ByteLevel::ByteLevel() {
  byte_of_.fill(-1);
  std::uint32_t next = 0x100;
  for (std::uint32_t byte = 0; byte < 256; ++byte) {
    const std::uint32_t code_point = stands_for_itself(byte) ? byte : next++;
    utf8::append(spelling_[byte], code_point);
    byte_of_[code_point] = static_cast<std::int16_t>(byte);
  }
}

std::string ByteLevel::spell(std::string_view bytes) const {
  std::string out;
  for (const char c : bytes) out += spell(static_cast<std::uint8_t>(c));
  return out;
}

std::optional<std::string> ByteLevel::bytes(std::string_view text) const {
  std::string out;
  while (!text.empty()) {
    const utf8::Decoded d = utf8::decode(text);
    if (d.state != utf8::State::valid || d.code_point >= byte_of_.size()) return std::nullopt;
    if (byte_of_[d.code_point] < 0) return std::nullopt;
    out.push_back(static_cast<char>(byte_of_[d.code_point]));
    text.remove_prefix(d.length);
  }
  return out;
}

}  // namespace tenon
