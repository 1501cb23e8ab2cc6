// StringIndex: text -> id over strings that live elsewhere;
// open addressing, built once, then const.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string_view>
#include <vector>

#include "framework/base/token.hpp"

namespace tenon {

class StringIndex {
 public:
  StringIndex() = default;

  // Room for `count` strings without growing.
  explicit StringIndex(std::size_t count) : slots_(std::bit_ceil(count * 2 + 1)) {}

  // False when `text` is there already: the first id stays. `text` must outlive the index.
  bool insert(std::string_view text, TokenId id) {
    Slot& slot = slots_[find_slot(text)];
    if (slot.id >= 0) return false;
    slot = {text, id};
    return true;
  }

  // The id of `text`, or -1.
  TokenId find(std::string_view text) const {
    return slots_.empty() ? -1 : slots_[find_slot(text)].id;
  }

 private:
  struct Slot {
    std::string_view text;
    TokenId id = -1;
  };

  std::size_t find_slot(std::string_view text) const {
    const std::size_t mask = slots_.size() - 1;
    std::size_t i = std::hash<std::string_view>{}(text)&mask;
    while (slots_[i].id >= 0 && slots_[i].text != text) i = (i + 1) & mask;
    return i;
  }

  std::vector<Slot> slots_;
};

}  // namespace tenon
