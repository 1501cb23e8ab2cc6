// Memory of a device: blocks whose addresses the host never learns.
#pragma once

#include <tenon/abi/device.h>

#include <atomic>
#include <cstddef>
#include <cstdlib>
#include <memory>

namespace foreign {

inline constexpr uint64_t k_alignment = 256;                // of operands and bindings
inline constexpr uint64_t k_max_alloc = uint64_t{1} << 20;  // of one block, so of one operand

class Memory;

// A buffer, or a part of a weight; the host holds buffers as opaque handles.
class Block {
 public:
  Block(std::byte* data, uint64_t size, Memory& memory)
      : data_(data), size_(size), memory_(memory) {}
  ~Block();
  Block(const Block&) = delete;
  Block& operator=(const Block&) = delete;

  uint64_t size() const { return size_; }
  bool holds(uint64_t offset, uint64_t bytes) const {
    return offset <= size_ && bytes <= size_ - offset;
  }
  bool lies_in(const Memory& memory) const { return &memory_ == &memory; }
  std::byte* at(uint64_t offset) const { return data_ + offset; }

 private:
  std::byte* data_;
  uint64_t size_;
  Memory& memory_;
};

class Memory {
 public:
  // `capacity` may shrink: somebody else uses the device too.
  explicit Memory(const std::atomic<uint64_t>& capacity) : capacity_(capacity) {}
  // Empty when the device is full. New memory holds NaNs: real devices promise nothing either.
  std::unique_ptr<Block> allocate(uint64_t size);
  void give_back(uint64_t size) { used_ -= size; }
  uint64_t free_bytes() const {
    const uint64_t capacity = capacity_, used = used_;
    return capacity - (used < capacity ? used : capacity);
  }

 private:
  const std::atomic<uint64_t>& capacity_;
  std::atomic<uint64_t> used_{0};
};

inline tn_buffer* buffer_handle(Block* block) { return reinterpret_cast<tn_buffer*>(block); }
inline Block* block(tn_buffer* handle) { return reinterpret_cast<Block*>(handle); }

}  // namespace foreign
