// Memory of a device: one buffer of OpenCL per block. Nothing shares a buffer, as what a view of one
// must be aligned to varies; kernels are told where their operands begin.
#pragma once

#include <tenon/abi/device.h>

#include <atomic>
#include <memory>

#include "backends/gpu/program.hpp"
#include "gpu.hpp"

namespace tenon::opencl {

class Memory;

// The host holds its buffers as opaque handles of this.
class Block {
 public:
  Block(Memory& memory, cl_mem buffer, uint64_t size);
  ~Block();
  Block(const Block&) = delete;
  Block& operator=(const Block&) = delete;

  cl_mem buffer() const { return buffer_; }
  uint64_t size() const { return size_; }
  uint64_t id() const { return id_; }  // no other block of the device ever has it
  bool holds(uint64_t offset, uint64_t bytes) const {
    return offset <= size_ && bytes <= size_ - offset;
  }
  bool lies_in(const Memory& memory) const { return &memory_ == &memory; }

 private:
  Memory& memory_;
  cl_mem buffer_;
  uint64_t size_, id_;
};

class Memory {
 public:
  explicit Memory(Gpu& gpu) : gpu_(gpu) {}
  Memory(const Memory&) = delete;
  Memory& operator=(const Memory&) = delete;

  tn_status allocate(uint64_t size, std::unique_ptr<Block>& out);
  tn_heap heap() const;

 private:
  friend class Block;
  tn_status create(uint64_t size, cl_mem& out);

  Gpu& gpu_;
  std::atomic<uint64_t> used_{0};
};

inline tn_buffer* handle(Block* block) { return reinterpret_cast<tn_buffer*>(block); }
inline Block* block(tn_buffer* handle) { return reinterpret_cast<Block*>(handle); }

}  // namespace tenon::opencl
