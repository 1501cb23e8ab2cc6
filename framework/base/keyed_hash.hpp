// KeyedHash: a hash of bytes that nobody outside of this process can foresee (SipHash, libsodium),
// so that a file cannot bring names that collide.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace tenon {

class KeyedHash {
 public:
  KeyedHash();  // draws a key of its own

  std::uint64_t operator()(std::string_view bytes) const;

 private:
  std::array<unsigned char, 16> key_{};
};

}  // namespace tenon
