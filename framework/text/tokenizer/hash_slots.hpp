// HashSlots: open addressing over the positions of things that live elsewhere; 4 bytes a slot, a
// keyed hash, so that no file can make it slow.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "framework/base/keyed_hash.hpp"

namespace tenon {

class HashSlots {
 public:
  static constexpr std::uint32_t k_free = UINT32_MAX;

  HashSlots() = default;  // no room: only find() may be called

  // Room for `count` positions without growing.
  explicit HashSlots(std::size_t count) : slots_(std::bit_ceil(count * 2 + 1), k_free) {}

  // The slot of what has these bytes: free, or the position for which same(position) holds.
  template <class Same>
  std::uint32_t& slot(std::string_view bytes, Same same) {
    return slots_[index_of(bytes, same)];
  }
  template <class Same>
  std::uint32_t find(std::string_view bytes, Same same) const {
    return slots_.empty() ? k_free : slots_[index_of(bytes, same)];
  }

 private:
  template <class Same>
  std::size_t index_of(std::string_view bytes, Same same) const {
    const std::size_t mask = slots_.size() - 1;
    std::size_t i = hash_(bytes) & mask;
    while (slots_[i] != k_free && !same(slots_[i])) i = (i + 1) & mask;
    return i;
  }

  KeyedHash hash_;
  std::vector<std::uint32_t> slots_;
};

}  // namespace tenon
