// Blocks are taken from the heap of the process, but counted as if the device had its own.
#include "memory.hpp"

#include <cstring>

namespace foreign {

Block::~Block() {
  memory_.give_back(size_);
  std::free(data_);
}

std::unique_ptr<Block> Memory::allocate(uint64_t size) {
  const uint64_t before = used_.fetch_add(size);
  void* data = nullptr;
  const uint64_t capacity = capacity_;
  if (before <= capacity && size <= capacity - before)
    data = std::aligned_alloc(k_alignment, (size / k_alignment + 1) * k_alignment);
  if (data == nullptr) {
    used_ -= size;
    return nullptr;
  }
  std::memset(data, 0xff, size);
  return std::make_unique<Block>(static_cast<std::byte*>(data), size, *this);
}

}  // namespace foreign
