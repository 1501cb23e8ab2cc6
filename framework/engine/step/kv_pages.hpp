// KvPages: the pages of one group of the KV cache, counted by how many sequences hold them.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

namespace tenon {

// Sized once: nothing here allocates. A page belongs to the pool again when its last holder gives
// it back. One thread at a time.
class KvPages {
 public:
  explicit KvPages(std::uint32_t n_pages) : holders_(n_pages) {
    free_.reserve(n_pages);
    for (std::uint32_t p = n_pages; p-- > 0;) free_.push_back(static_cast<std::int32_t>(p));
  }

  // A page that nobody holds, or nothing when all are held.
  std::optional<std::int32_t> take() {
    if (free_.empty()) return std::nullopt;
    const std::int32_t page = free_.back();
    free_.pop_back();
    holders_[static_cast<std::size_t>(page)] = 1;
    return page;
  }
  void share(std::int32_t page) { ++holders_[static_cast<std::size_t>(page)]; }
  void give_back(std::int32_t page) {
    if (--holders_[static_cast<std::size_t>(page)] == 0) free_.push_back(page);
  }
  std::uint32_t holders(std::int32_t page) const {
    return holders_[static_cast<std::size_t>(page)];
  }
  std::uint32_t total() const { return static_cast<std::uint32_t>(holders_.size()); }
  std::uint32_t available() const { return static_cast<std::uint32_t>(free_.size()); }

 private:
  std::vector<std::uint32_t> holders_;
  std::vector<std::int32_t> free_;
};

}  // namespace tenon
