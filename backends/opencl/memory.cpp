// Drivers allocate when a buffer is used first: it is, at once, so that a lack shows here and not in
// the middle of a step.
#include "memory.hpp"

#include <algorithm>

namespace tenon::opencl {

Block::Block(Memory& memory, cl_mem buffer, uint64_t size)
    : memory_(memory), buffer_(buffer), size_(size), id_(memory.gpu_.new_id()) {}

Block::~Block() {
  memory_.gpu_.api().ReleaseMemObject(buffer_);
  memory_.used_ -= size_;
}

tn_heap Memory::heap() const {
  const Physical& p = gpu_.physical();
  tn_heap out{};
  out.struct_size = sizeof out;
  out.flags = TN_HEAP_DEVICE_LOCAL;
  out.size = p.memory;
  out.budget = p.memory - std::min<uint64_t>(p.memory, used_);
  out.max_alloc = std::min(p.max_alloc, p.memory);
  out.max_range = p.limits.max_range;
  out.alignment = gpu::k_alignment;
  return out;
}

tn_status Memory::allocate(uint64_t size, std::unique_ptr<Block>& out) {
  const uint64_t bytes = gpu::aligned(size);
  if (size == 0 || bytes < size || size > gpu_.physical().max_alloc)
    return gpu_.refuse(TN_ERR_INVALID, "no bytes, or more than one buffer may have");
  if (gpu_.faults().next_allocation_fails())
    return gpu_.check(CL_MEM_OBJECT_ALLOCATION_FAILURE, "a fault on request");
  if (const uint64_t before = used_.fetch_add(bytes); before + bytes > gpu_.physical().memory) {
    used_ -= bytes;
    return gpu_.refuse(TN_ERR_OOM, "the memory of the device is full");
  }
  cl_mem buffer = nullptr;
  const tn_status status = create(bytes, buffer);
  if (status != TN_OK) {
    used_ -= bytes;
    return status;
  }
  out = std::make_unique<Block>(*this, buffer, bytes);
  return TN_OK;
}

tn_status Memory::create(uint64_t size, cl_mem& out) {
  const Api& api = gpu_.api();
  cl_int result = CL_SUCCESS;
  out = api.CreateBuffer(gpu_.context(), CL_MEM_READ_WRITE, size, nullptr, &result);
  if (result != CL_SUCCESS) return gpu_.check_made(result, "a buffer");
  const cl_uint nothing = 0;
  result = api.EnqueueWriteBuffer(gpu_.uploads(), out, CL_TRUE, 0, sizeof nothing, &nothing, 0,
                                  nullptr, nullptr);
  if (result == CL_SUCCESS) return TN_OK;
  api.ReleaseMemObject(out);
  return gpu_.check_made(result, "the memory of the device is full");
}

}  // namespace tenon::opencl
