// Byte-level spelling (GPT-2): every byte is written as one printable code point, so that token
// texts are valid UTF-8. 0x21-0x7E, 0xA1-0xAC and 0xAE-0xFF stand for themselves,
// the other 68 follow from U+0100.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tenon {

class ByteLevel {
 public:
  ByteLevel();

  // The spelling of `byte`, UTF-8.
  std::string_view spell(std::uint8_t byte) const { return spelling_[byte]; }
  std::string spell(std::string_view bytes) const;

  // The bytes that `text` spells; nothing if a code point in it stands for no byte.
  std::optional<std::string> bytes(std::string_view text) const;

 private:
  std::array<std::string, 256> spelling_;
  std::array<std::int16_t, 512> byte_of_{};  // code point -> byte or -1
};

}  // namespace tenon
