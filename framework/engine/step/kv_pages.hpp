// KvPages: which pages of the KV cache are free;
// Sequence: which pages hold its positions, in order.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

namespace tenon {

// Sized once; taking and giving back allocate nothing. One thread at a time.
class KvPages {
 public:
  explicit KvPages(std::uint32_t n_pages) : n_pages_(n_pages) {
    free_.reserve(n_pages);
    for (std::uint32_t p = n_pages; p-- > 0;) free_.push_back(static_cast<std::int32_t>(p));
  }

  std::optional<std::int32_t> take() {
    if (free_.empty()) return std::nullopt;
    const std::int32_t page = free_.back();
    free_.pop_back();
    return page;
  }
  void give_back(std::int32_t page) { free_.push_back(page); }
  std::uint32_t total() const { return n_pages_; }
  std::uint32_t available() const { return static_cast<std::uint32_t>(free_.size()); }

 private:
  std::uint32_t n_pages_;
  std::vector<std::int32_t> free_;
};

struct Sequence {
  bool open = false;
  std::vector<std::int32_t> pages;  // reserved for the whole context
  std::int64_t length = 0;          // positions stored
};

}  // namespace tenon
