// Which parts of a block of memory are free: first fit, neighbours grow together.
#pragma once

#include <cstdint>
#include <map>
#include <optional>

namespace tenon::vulkan {

class FreeList {
 public:
  explicit FreeList(uint64_t size) : size_(size) { free_[0] = size; }

  // Where `size` bytes are from now on; nothing if there is no such gap.
  std::optional<uint64_t> take(uint64_t size) {
    for (auto gap = free_.begin(); gap != free_.end(); ++gap) {
      const auto [offset, length] = *gap;
      if (length < size) continue;
      free_.erase(gap);
      if (length > size) free_[offset + size] = length - size;
      return offset;
    }
    return std::nullopt;
  }

  void give_back(uint64_t offset, uint64_t size) {
    auto after = free_.lower_bound(offset);
    if (after != free_.end() && after->first == offset + size) {
      size += after->second;
      after = free_.erase(after);
    }
    if (after != free_.begin()) {
      const auto before = std::prev(after);
      if (before->first + before->second == offset) {
        before->second += size;
        return;
      }
    }
    free_[offset] = size;
  }

  bool all_free() const { return free_.size() == 1 && free_.begin()->second == size_; }

 private:
  uint64_t size_;
  std::map<uint64_t, uint64_t> free_;  // offset -> length
};

}  // namespace tenon::vulkan
