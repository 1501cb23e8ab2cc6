// Regions by mmap or from the heap; the single heap of the device; allocation, import and map.
#include "backends/cpu/device/memory.hpp"

#include <sys/mman.h>

#include <algorithm>
#include <cinttypes>
#include <cstdlib>
#include <cstring>
#include <memory>

#include "backends/cpu/device/error.hpp"
#include "backends/cpu/device/machine.hpp"

namespace tenon::cpu {

namespace {

constexpr uint64_t k_page = 4096;

uint64_t round_up(uint64_t n, uint64_t unit) { return (n + unit - 1) / unit * unit; }

}  // namespace

Region::~Region() {
  if (mapped_ != 0) {
    munmap(data_, mapped_);
  } else {
    std::free(data_);
  }
}

bool Region::allocate(uint64_t size, uint64_t alignment, HugePages huge) {
  if (size > PTRDIFF_MAX - 2 * k_huge_page || alignment > k_huge_page) return false;
  *this = Region();
  if (size >= k_huge_page || alignment > k_page) {
    if (!map(round_up(std::max(size, uint64_t{1}), k_page), huge)) return false;
  } else {
    alignment = std::max(alignment, k_alignment);
    const uint64_t bytes = round_up(std::max(size, uint64_t{1}), alignment);
    data_ = static_cast<std::byte*>(std::aligned_alloc(alignment, bytes));
    if (data_ == nullptr) return false;
    std::memset(data_, 0, bytes);
  }
  size_ = size;
  return true;
}

// Maps 2 MiB more than asked for and gives the ends back, so that huge pages fit from the start.
bool Region::map(uint64_t size, HugePages huge) {
  const uint64_t wide = size + k_huge_page;
  void* base = mmap(nullptr, wide, PROT_READ | PROT_WRITE,
                    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (base == MAP_FAILED) return false;
  auto* start = static_cast<std::byte*>(base);
  const uint64_t skip =
      (k_huge_page - reinterpret_cast<uintptr_t>(base) % k_huge_page) % k_huge_page;
  if (skip != 0) munmap(start, skip);
  if (wide - skip - size != 0) munmap(start + skip + size, wide - skip - size);
  data_ = start + skip;
  mapped_ = size;
  if (huge == HugePages::when_large) madvise(data_, mapped_, MADV_HUGEPAGE);
  return true;
}

void Region::advise_huge(uint64_t offset, uint64_t size) const {
  const uint64_t first = round_up(offset, k_huge_page);
  const uint64_t last = (offset + size) / k_huge_page * k_huge_page;
  if (mapped_ != 0 && first < last) madvise(data_ + first, last - first, MADV_HUGEPAGE);
}

tn_status out_of_memory(const tn_host* host, const char* what, uint64_t needed) {
  const MemoryState memory = read_memory();
  return refuse(host, TN_ERR_OOM,
                "%s: needs %" PRIu64 " MiB (%" PRIu64 " bytes); %" PRIu64
                " MiB available of %" PRIu64 " MiB",
                what, needed >> 20, needed, memory.available >> 20, memory.total >> 20);
}

tn_heap heap() {
  const MemoryState memory = read_memory();
  tn_heap heap = {};
  heap.struct_size = sizeof heap;
  heap.flags = TN_HEAP_DEVICE_LOCAL | TN_HEAP_HOST_VISIBLE | TN_HEAP_HOST_COHERENT;
  heap.size = heap.max_alloc = memory.total;
  heap.budget = memory.available;
  heap.alignment = k_alignment;
  return heap;
}

tn_status allocate_buffer(const tn_host* host, uint32_t heap, uint64_t size, Buffer** out) {
  if (out == nullptr) return refuse(host, TN_ERR_INVALID, "buffer_alloc: out is NULL");
  if (heap != 0) return refuse(host, TN_ERR_INVALID, "buffer_alloc: there is no heap %u", heap);
  if (size == 0) return refuse(host, TN_ERR_INVALID, "buffer_alloc: size is 0");
  auto made = std::make_unique<Buffer>();
  // A reservation beyond the machine's memory could only be killed later.
  if (size > read_memory().total || !made->region.allocate(size)) {
    return out_of_memory(host, "buffer_alloc", size);
  }
  made->data = made->region.data();
  made->size = size;
  *out = made.release();
  return TN_OK;
}

tn_status map_buffer(const tn_host* host, Buffer* buffer, uint64_t offset, uint64_t size,
                     uint32_t rw, void** out) {
  if (buffer == nullptr || out == nullptr) {
    return refuse(host, TN_ERR_INVALID, "buffer_map: buffer or out is NULL");
  }
  if (rw == 0 || (rw & ~uint32_t{TN_MAP_READ | TN_MAP_WRITE}) != 0) {
    return refuse(host, TN_ERR_INVALID, "buffer_map: unknown access %u", rw);
  }
  if (!buffer->holds(offset, size)) {
    return refuse(host, TN_ERR_INVALID,
                  "buffer_map: %" PRIu64 " bytes at %" PRIu64 " of a buffer of %" PRIu64, size,
                  offset, buffer->size);
  }
  *out = buffer->data + offset;
  return TN_OK;
}

}  // namespace tenon::cpu
