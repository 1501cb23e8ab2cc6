// GuardedBuffer: bytes at a chosen alignment between two sentinels of 1024 bytes.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

namespace tenon::conformance {

// What lies beyond an input reads as NaN; elsewhere the guards are no value a kernel writes.
enum class Guard : uint8_t { nan = 0xff, mark = 0xa5 };

class GuardedBuffer {
 public:
  static constexpr std::size_t k_sentinel = 1024;

  // Starts `skew` bytes after a multiple of `alignment`; the content is 0xff, a NaN in any float.
  explicit GuardedBuffer(std::size_t bytes, Guard guard = Guard::mark, std::size_t alignment = 64,
                         std::size_t skew = 0)
      : bytes_(bytes),
        guard_(static_cast<uint8_t>(guard)),
        storage_(bytes + 2 * k_sentinel + alignment + skew, guard_) {
    const auto base = reinterpret_cast<std::uintptr_t>(storage_.data()) + k_sentinel;
    const auto start = (base + alignment - 1) / alignment * alignment + skew;
    offset_ = k_sentinel + (start - base);
    fill();
  }
  GuardedBuffer(GuardedBuffer&&) = default;
  GuardedBuffer& operator=(GuardedBuffer&&) = default;
  GuardedBuffer(const GuardedBuffer&) = delete;
  GuardedBuffer& operator=(const GuardedBuffer&) = delete;

  uint8_t* data() { return storage_.data() + offset_; }
  const uint8_t* data() const { return storage_.data() + offset_; }
  std::size_t size() const { return bytes_; }

  void fill() { std::fill_n(data(), bytes_, uint8_t{0xff}); }
  bool intact() const {
    const auto untouched = [this](uint8_t byte) { return byte == guard_; };
    const auto middle = storage_.begin() + static_cast<std::ptrdiff_t>(offset_);
    return std::all_of(storage_.begin(), middle, untouched) &&
           std::all_of(middle + static_cast<std::ptrdiff_t>(bytes_), storage_.end(), untouched);
  }

 private:
  std::size_t bytes_;
  uint8_t guard_;
  std::vector<uint8_t> storage_;
  std::size_t offset_ = 0;
};

}  // namespace tenon::conformance
