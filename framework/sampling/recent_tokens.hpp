// RecentTokens: the last n accepted tokens and how often each occurs among them.
#pragma once

#include <cstdint>
#include <vector>

#include "framework/base/token.hpp"

namespace tenon {

class RecentTokens {
 public:
  RecentTokens() = default;
  RecentTokens(std::size_t n, std::size_t vocab_size) : ring_(n), seen_(n > 0 ? vocab_size : 0) {}

  void push(TokenId id) {
    if (ring_.empty()) return;
    const std::size_t slot = next_ % ring_.size();
    if (next_ >= ring_.size()) --seen_[index(ring_[slot])].count;
    ring_[slot] = id;
    ++seen_[index(id)].count;
    seen_[index(id)].latest = slot;
    ++next_;
  }

  // Calls visit(id, count) once per distinct token.
  template <class Visit>
  void for_each(Visit visit) const {
    const std::size_t n = next_ < ring_.size() ? next_ : ring_.size();
    for (std::size_t slot = 0; slot < n; ++slot) {
      const Seen& seen = seen_[index(ring_[slot])];
      if (seen.latest == slot) visit(ring_[slot], seen.count);
    }
  }

 private:
  struct Seen {
    std::uint32_t count = 0;
    std::size_t latest = 0;  // slot of its last occurrence
  };
  static std::size_t index(TokenId id) { return static_cast<std::size_t>(id); }

  std::vector<TokenId> ring_;
  std::vector<Seen> seen_;  // by token
  std::size_t next_ = 0;
};

}  // namespace tenon
