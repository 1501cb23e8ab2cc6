// Memory of the device: blocks whose addresses the host never learns.
#pragma once

#include <tenon/abi/device.h>

#include <atomic>
#include <cstddef>
#include <cstdlib>
#include <memory>

namespace foreign {

inline constexpr uint64_t k_alignment = 64;
inline constexpr uint64_t k_capacity = uint64_t{8} << 30;

// A buffer or a weight; the host holds it as an opaque handle.
class Block {
 public:
  Block(std::byte* data, uint64_t size, std::atomic<uint64_t>& used)
      : data_(data), size_(size), used_(used) {}
  ~Block();
  Block(const Block&) = delete;
  Block& operator=(const Block&) = delete;

  uint64_t size() const { return size_; }
  bool holds(uint64_t offset, uint64_t bytes) const {
    return offset <= size_ && bytes <= size_ - offset;
  }
  std::byte* at(uint64_t offset) const { return data_ + offset; }

 private:
  std::byte* data_;
  uint64_t size_;
  std::atomic<uint64_t>& used_;
};

class Memory {
 public:
  // Empty when the device is full. New memory holds NaNs: real devices promise nothing either.
  std::unique_ptr<Block> allocate(uint64_t size);
  uint64_t free_bytes() const { return k_capacity - used_; }

 private:
  std::atomic<uint64_t> used_{0};
};

inline tn_buffer* buffer_handle(Block* block) { return reinterpret_cast<tn_buffer*>(block); }
inline tn_weight* weight_handle(Block* block) { return reinterpret_cast<tn_weight*>(block); }
inline Block* block(tn_buffer* handle) { return reinterpret_cast<Block*>(handle); }
inline Block* block(tn_weight* handle) { return reinterpret_cast<Block*>(handle); }

}  // namespace foreign
