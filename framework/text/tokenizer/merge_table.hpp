// MergeTable: (left id, right id) -> rank and result of a byte-pair merge; built once, then const.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "framework/base/token.hpp"
#include "framework/text/tokenizer/hash_slots.hpp"

namespace tenon {

struct Merge {
  std::uint32_t rank;  // lower is earlier
  TokenId result;
};

class MergeTable {
  struct Pair {
    TokenId left, right;
    bool operator==(const Pair&) const = default;
  };

 public:
  // Room for `count` merges without growing.
  explicit MergeTable(std::size_t count) : slots_(count) { entries_.reserve(count); }

  // The first merge of a pair stays.
  void insert(TokenId left, TokenId right, Merge merge) {
    const Pair pair{left, right};
    std::uint32_t& slot =
        slots_.slot(bytes(pair), [&](std::uint32_t i) { return entries_[i].pair == pair; });
    if (slot != HashSlots::k_free) return;
    slot = static_cast<std::uint32_t>(entries_.size());
    entries_.push_back({pair, merge});
  }

  // nullptr when the pair does not merge.
  const Merge* find(TokenId left, TokenId right) const {
    const Pair pair{left, right};
    const std::uint32_t found =
        slots_.find(bytes(pair), [&](std::uint32_t i) { return entries_[i].pair == pair; });
    return found == HashSlots::k_free ? nullptr : &entries_[found].merge;
  }

 private:
  struct Entry {
    Pair pair;
    Merge merge;
  };

  static std::string_view bytes(const Pair& pair) {
    return {reinterpret_cast<const char*>(&pair), sizeof pair};
  }
  HashSlots slots_;
  std::vector<Entry> entries_;
};

}  // namespace tenon
