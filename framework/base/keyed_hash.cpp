// SipHash-2-4 under a random key of each object.
#include "framework/base/keyed_hash.hpp"

#include <sodium.h>

#include <bit>

namespace tenon {

static_assert(sizeof(KeyedHash) == crypto_shorthash_KEYBYTES);
static_assert(sizeof(std::uint64_t) == crypto_shorthash_BYTES);

KeyedHash::KeyedHash() { ::randombytes_buf(key_.data(), key_.size()); }

std::uint64_t KeyedHash::operator()(std::string_view bytes) const {
  std::array<unsigned char, crypto_shorthash_BYTES> hash;
  ::crypto_shorthash(hash.data(), reinterpret_cast<const unsigned char*>(bytes.data()),
                     bytes.size(), key_.data());
  return std::bit_cast<std::uint64_t>(hash);
}

}  // namespace tenon
