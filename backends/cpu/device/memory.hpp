// Host memory: aligned, zeroed regions, on huge pages where that pays, and buffers made of them.
#pragma once

#include <tenon/abi/device.h>

#include <cstddef>
#include <cstdint>
#include <utility>

namespace tenon::cpu {

constexpr uint64_t k_alignment = 64;  // of every allocation
constexpr uint64_t k_huge_page = uint64_t{2} << 20;

enum class HugePages { when_large, never };

// One zeroed region. Large ones are reserved, and committed by the first touch.
class Region {
 public:
  Region() = default;
  ~Region();
  Region(Region&& other) noexcept { swap(other); }
  Region& operator=(Region&& other) noexcept {
    swap(other);
    return *this;
  }

  // False when the system refuses; alignment is a power of two up to 2 MiB.
  bool allocate(uint64_t size, uint64_t alignment = k_alignment,
                HugePages huge = HugePages::when_large);
  std::byte* data() const { return data_; }
  uint64_t size() const { return size_; }
  // Asks for huge pages in part of a region that was mapped without.
  void advise_huge(uint64_t offset, uint64_t size) const;

 private:
  void swap(Region& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    std::swap(mapped_, other.mapped_);
  }
  bool map(uint64_t size, HugePages huge);

  std::byte* data_ = nullptr;
  uint64_t size_ = 0;
  uint64_t mapped_ = 0;  // bytes mapped; 0: from the heap
};

struct Buffer {
  Region region;
  std::byte* data = nullptr;
  uint64_t size = 0;

  bool holds(uint64_t offset, uint64_t bytes) const {
    return offset <= size && bytes <= size - offset;
  }
};

inline tn_buffer* handle(Buffer* buffer) { return reinterpret_cast<tn_buffer*>(buffer); }
inline Buffer* buffer(tn_buffer* handle) { return reinterpret_cast<Buffer*>(handle); }

// TN_ERR_OOM, saying how much was wanted for what and how much there is.
tn_status out_of_memory(const tn_host* host, const char* what, uint64_t needed);
tn_heap heap();  // the only one, as it is now
tn_status allocate_buffer(const tn_host* host, uint32_t heap, uint64_t size, Buffer** out);
tn_status map_buffer(const tn_host* host, Buffer* buffer, uint64_t offset, uint64_t size,
                     uint32_t rw, void** out);

}  // namespace tenon::cpu
