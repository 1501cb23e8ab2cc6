// MergeTable: (left id, right id) -> rank and result of a byte-pair merge;
// open addressing, immutable.
#pragma once

#include <bit>
#include <cstdint>
#include <vector>

#include "framework/base/token.hpp"

namespace tenon {

struct Merge {
  std::uint32_t rank;  // lower is earlier
  TokenId result;
};

class MergeTable {
 public:
  explicit MergeTable(std::size_t count) : slots_(std::bit_ceil(count * 2 + 1)) {}

  // The first merge of a pair stays.
  void insert(TokenId left, TokenId right, Merge merge) {
    Slot& slot = slots_[find_slot(key_of(left, right))];
    if (slot.key == k_free) slot = {key_of(left, right), merge};
  }

  // nullptr when the pair does not merge.
  const Merge* find(TokenId left, TokenId right) const {
    const Slot& slot = slots_[find_slot(key_of(left, right))];
    return slot.key == k_free ? nullptr : &slot.merge;
  }

 private:
  static constexpr std::uint64_t k_free = ~std::uint64_t{0};  // ids are not negative

  struct Slot {
    std::uint64_t key = k_free;
    Merge merge{};
  };

  static std::uint64_t key_of(TokenId left, TokenId right) {
    return (std::uint64_t{static_cast<std::uint32_t>(left)} << 32) |
           static_cast<std::uint32_t>(right);
  }

  std::size_t find_slot(std::uint64_t key) const {
    const std::size_t mask = slots_.size() - 1;
    std::size_t i = ((key * 0x9E3779B97F4A7C15u) >> 20) & mask;  // Fibonacci hashing
    while (slots_[i].key != k_free && slots_[i].key != key) i = (i + 1) & mask;
    return i;
  }

  std::vector<Slot> slots_;
};

}  // namespace tenon
