// GuardedBuffer: bytes at a chosen alignment between two sentinels of 1024 bytes.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

namespace tenon::conformance {

class GuardedBuffer {
 public:
  static constexpr std::size_t k_sentinel = 1024;

  // Starts `skew` bytes after a multiple of `alignment`; the content is 0xff, a NaN in any float.
  explicit GuardedBuffer(std::size_t bytes, std::size_t alignment = 64, std::size_t skew = 0)
      : bytes_(bytes), storage_(bytes + 2 * k_sentinel + alignment + skew, k_fill) {
    const auto base = reinterpret_cast<std::uintptr_t>(storage_.data()) + k_sentinel;
    const auto start = (base + alignment - 1) / alignment * alignment + skew;
    offset_ = k_sentinel + (start - base);
  }
  GuardedBuffer(GuardedBuffer&&) = default;
  GuardedBuffer& operator=(GuardedBuffer&&) = default;
  GuardedBuffer(const GuardedBuffer&) = delete;
  GuardedBuffer& operator=(const GuardedBuffer&) = delete;

  uint8_t* data() { return storage_.data() + offset_; }
  const uint8_t* data() const { return storage_.data() + offset_; }
  std::size_t size() const { return bytes_; }

  void fill() { std::fill_n(data(), bytes_, k_fill); }
  bool intact() const {
    const auto untouched = [](uint8_t byte) { return byte == k_fill; };
    const auto middle = storage_.begin() + static_cast<std::ptrdiff_t>(offset_);
    return std::all_of(storage_.begin(), middle, untouched) &&
           std::all_of(middle + static_cast<std::ptrdiff_t>(bytes_), storage_.end(), untouched);
  }

 private:
  static constexpr uint8_t k_fill = 0xff;
  std::size_t bytes_, offset_;
  std::vector<uint8_t> storage_;
};

}  // namespace tenon::conformance
