// StringIndex: text -> id over a list of texts that lives elsewhere; built once, then const.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include "framework/base/token.hpp"
#include "framework/text/tokenizer/hash_slots.hpp"

namespace tenon {

class StringIndex {
 public:
  StringIndex() = default;

  // Room for `count` strings without growing.
  explicit StringIndex(std::size_t count) : slots_(count) {}

  // texts[id] under its text. False when an earlier one has that text: the first id stays.
  bool insert(std::span<const std::string_view> texts, TokenId id) {
    const std::string_view text = texts[static_cast<std::size_t>(id)];
    std::uint32_t& slot = slots_.slot(text, [&](std::uint32_t i) { return texts[i] == text; });
    if (slot != HashSlots::k_free) return false;
    slot = static_cast<std::uint32_t>(id);
    return true;
  }

  // The id of `text` among the same texts, or -1.
  TokenId find(std::span<const std::string_view> texts, std::string_view text) const {
    const auto found = slots_.find(text, [&](std::uint32_t i) { return texts[i] == text; });
    return found == HashSlots::k_free ? -1 : static_cast<TokenId>(found);
  }

 private:
  HashSlots slots_;
};

}  // namespace tenon
