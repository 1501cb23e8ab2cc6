// Memory of a device: blocks of VkDeviceMemory under one VkBuffer each, and ranges of them.
#pragma once

#include <tenon/abi/device.h>

#include <list>
#include <memory>
#include <mutex>

#include "backends/gpu/program.hpp"
#include "free_list.hpp"
#include "gpu.hpp"

namespace tenon::vulkan {

class Memory;

// What memory is for: the device's own, or staging that the host writes or reads.
enum class Use : uint8_t { device, upload, readback };

// A range of a block; the host holds its buffers as opaque handles of this.
class Range {
 public:
  struct Block;
  Range(Memory& memory, Block& block, uint64_t offset, uint64_t size);
  ~Range();
  Range(const Range&) = delete;
  Range& operator=(const Range&) = delete;

  VkBuffer buffer() const;
  uint64_t offset() const { return offset_; }  // in buffer(); a multiple of gpu::k_alignment
  uint64_t size() const { return size_; }
  uint64_t id() const { return id_; }  // no other range of the device ever has it
  std::byte* mapped() const;           // NULL: the host cannot address it
  bool holds(uint64_t offset, uint64_t bytes) const {
    return offset <= size_ && bytes <= size_ - offset;
  }
  bool lies_in(const Memory& memory) const { return &memory_ == &memory; }

 private:
  Memory& memory_;
  Block& block_;
  uint64_t offset_, size_, id_;
};

class Memory {
 public:
  explicit Memory(Gpu& gpu);
  ~Memory();
  Memory(const Memory&) = delete;
  Memory& operator=(const Memory&) = delete;

  tn_status allocate(uint64_t size, Use use, std::unique_ptr<Range>& out);
  // The heap that the host sees: of Use::device.
  tn_heap heap() const;

 private:
  friend class Range;
  uint32_t type_for(Use use, uint32_t admitted) const;
  tn_status add_block(uint64_t size, Use use, bool dedicated, Range::Block*& out);
  tn_status fill(Range::Block& block, Use use);
  void drop(Range::Block& block);
  void give_back(Range::Block& block, uint64_t offset, uint64_t size);

  Gpu& gpu_;
  const uint64_t block_bytes_;  // of shared blocks; from there on a range has its own
  mutable std::mutex mutex_;
  std::list<Range::Block> blocks_;
  uint64_t used_ = 0;  // bytes of blocks in the heap that the host sees
};

inline tn_buffer* handle(Range* range) { return reinterpret_cast<tn_buffer*>(range); }
inline Range* range(tn_buffer* handle) { return reinterpret_cast<Range*>(handle); }

}  // namespace tenon::vulkan
