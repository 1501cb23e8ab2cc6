// Large ranges get a block of their own; the others share blocks, which stay until the device closes.
#include "memory.hpp"

#include <algorithm>
#include <array>

namespace tenon::vulkan {

struct Range::Block {
  FreeList free;
  Use use;
  bool dedicated;
  uint64_t size;
  VkDeviceMemory memory = VK_NULL_HANDLE;
  VkBuffer buffer = VK_NULL_HANDLE;
  std::byte* mapped = nullptr;
  bool in_device_heap = false;
};

namespace {

constexpr uint64_t k_most_block_bytes = uint64_t{64} << 20, k_least_block_bytes = 1 << 20;

constexpr VkMemoryPropertyFlags k_own = VK_MEMORY_PROPERTY_DEVICE_LOCAL_BIT;
constexpr VkMemoryPropertyFlags k_mapped =
    VK_MEMORY_PROPERTY_HOST_VISIBLE_BIT | VK_MEMORY_PROPERTY_HOST_COHERENT_BIT;
constexpr VkMemoryPropertyFlags k_cached = VK_MEMORY_PROPERTY_HOST_CACHED_BIT;

// Preferred first; the device's own memory never falls back to the system's.
constexpr std::array<std::array<VkMemoryPropertyFlags, 3>, 3> k_wanted = {{
    {k_own | k_mapped, k_own, k_own},
    {k_mapped, k_mapped, k_mapped},
    {k_mapped | k_cached, k_mapped, k_mapped},
}};

}  // namespace

Range::Range(Memory& memory, Block& block, uint64_t offset, uint64_t size)
    : memory_(memory), block_(block), offset_(offset), size_(size), id_(memory.gpu_.new_id()) {}

Range::~Range() { memory_.give_back(block_, offset_, size_); }

VkBuffer Range::buffer() const { return block_.buffer; }

std::byte* Range::mapped() const {
  return block_.mapped != nullptr ? block_.mapped + offset_ : nullptr;
}

// Blocks are few of a large heap, and leave room for others in a small one.
Memory::Memory(Gpu& gpu)
    : gpu_(gpu),
      block_bytes_(
          std::clamp(gpu::aligned(gpu.physical().heap_size(gpu.physical().device_heap()) / 16),
                     k_least_block_bytes, k_most_block_bytes)) {}

Memory::~Memory() {
  for (Range::Block& block : blocks_) drop(block);
}

tn_heap Memory::heap() const {
  const Physical& p = gpu_.physical();
  const uint32_t heap = p.device_heap();
  const uint32_t type = type_for(Use::device, ~0u);
  const VkMemoryPropertyFlags flags =
      type != TN_NONE ? p.memory.memoryTypes[type].propertyFlags : 0;
  const std::lock_guard lock(mutex_);
  tn_heap out{};
  out.struct_size = sizeof out;
  out.flags = TN_HEAP_DEVICE_LOCAL;
  if ((flags & k_mapped) == k_mapped) out.flags |= TN_HEAP_HOST_VISIBLE | TN_HEAP_HOST_COHERENT;
  out.size = p.heap_size(heap);
  out.budget = heap_free(gpu_.instance_api(), p, heap, used_);
  out.max_alloc = std::min(p.max_alloc, out.size);
  out.max_range = p.limits.max_range / gpu::k_alignment * gpu::k_alignment;
  out.alignment = gpu::k_alignment;
  return out;
}

// Of the memory types that a buffer admits. Use::device: in the heap that the host is told of.
uint32_t Memory::type_for(Use use, uint32_t admitted) const {
  const VkPhysicalDeviceMemoryProperties& m = gpu_.physical().memory;
  const uint32_t heap = gpu_.physical().device_heap();
  for (const VkMemoryPropertyFlags wanted : k_wanted[static_cast<size_t>(use)])
    for (uint32_t i = 0; i < m.memoryTypeCount; ++i)
      if ((admitted >> i & 1u) != 0 && (m.memoryTypes[i].propertyFlags & wanted) == wanted &&
          (use != Use::device || m.memoryTypes[i].heapIndex == heap))
        return i;
  return TN_NONE;
}

tn_status Memory::allocate(uint64_t size, Use use, std::unique_ptr<Range>& out) {
  const uint64_t bytes = gpu::aligned(size);
  if (size == 0 || bytes < size || bytes > gpu_.physical().max_alloc)
    return gpu_.refuse(TN_ERR_INVALID, "no bytes, or more than one allocation may have");
  const bool dedicated = bytes >= block_bytes_;
  const std::lock_guard lock(mutex_);
  for (Range::Block& block : blocks_) {
    if (dedicated || block.dedicated || block.use != use) continue;
    if (const auto offset = block.free.take(bytes)) {
      out = std::make_unique<Range>(*this, block, *offset, bytes);
      return TN_OK;
    }
  }
  Range::Block* block = nullptr;
  const tn_status status = add_block(dedicated ? bytes : block_bytes_, use, dedicated, block);
  if (status != TN_OK) return status;
  out = std::make_unique<Range>(*this, *block, *block->free.take(bytes), bytes);
  return TN_OK;
}

tn_status Memory::add_block(uint64_t size, Use use, bool dedicated, Range::Block*& out) {
  if (gpu_.requests().faults.next_allocation_fails())
    return gpu_.check(VK_ERROR_OUT_OF_DEVICE_MEMORY, "a fault on request");
  Range::Block& block = blocks_.emplace_back(Range::Block{FreeList(size), use, dedicated, size});
  const tn_status status = fill(block, use);
  if (status != TN_OK) {
    drop(block);
    blocks_.pop_back();
    return status;
  }
  if (block.in_device_heap) used_ += size;
  out = &block;
  return TN_OK;
}

tn_status Memory::fill(Range::Block& block, Use use) {
  const DeviceApi& api = gpu_.api();
  VkBufferCreateInfo buffer{};
  buffer.sType = VK_STRUCTURE_TYPE_BUFFER_CREATE_INFO;
  buffer.size = block.size;
  buffer.usage = VK_BUFFER_USAGE_TRANSFER_SRC_BIT | VK_BUFFER_USAGE_TRANSFER_DST_BIT |
                 VK_BUFFER_USAGE_STORAGE_BUFFER_BIT | VK_BUFFER_USAGE_INDIRECT_BUFFER_BIT;
  tn_status status =
      gpu_.check(api.CreateBuffer(gpu_.handle(), &buffer, nullptr, &block.buffer), "a buffer");
  if (status != TN_OK) return status;
  VkMemoryRequirements needs{};
  api.GetBufferMemoryRequirements(gpu_.handle(), block.buffer, &needs);
  VkMemoryAllocateInfo info{};
  info.sType = VK_STRUCTURE_TYPE_MEMORY_ALLOCATE_INFO;
  info.allocationSize = needs.size;
  info.memoryTypeIndex = type_for(use, needs.memoryTypeBits);
  if (info.memoryTypeIndex == TN_NONE)
    return gpu_.refuse(TN_ERR_UNSUPPORTED, "no memory of the device takes buffers");
  status = gpu_.check(api.AllocateMemory(gpu_.handle(), &info, nullptr, &block.memory),
                      "the memory of the device is full");
  if (status != TN_OK) return status;
  status = gpu_.check(api.BindBufferMemory(gpu_.handle(), block.buffer, block.memory, 0), "memory");
  if (status != TN_OK) return status;
  const VkMemoryType& type = gpu_.physical().memory.memoryTypes[info.memoryTypeIndex];
  block.in_device_heap = type.heapIndex == gpu_.physical().device_heap();
  if ((type.propertyFlags & k_mapped) != k_mapped) return TN_OK;
  void* mapped = nullptr;
  status = gpu_.check(api.MapMemory(gpu_.handle(), block.memory, 0, VK_WHOLE_SIZE, 0, &mapped),
                      "a mapping");
  block.mapped = static_cast<std::byte*>(mapped);
  return status;
}

void Memory::drop(Range::Block& block) {
  gpu_.api().DestroyBuffer(gpu_.handle(), block.buffer, nullptr);
  gpu_.api().FreeMemory(gpu_.handle(), block.memory, nullptr);
}

void Memory::give_back(Range::Block& block, uint64_t offset, uint64_t size) {
  const std::lock_guard lock(mutex_);
  block.free.give_back(offset, size);
  if (!block.dedicated) return;
  if (block.in_device_heap) used_ -= block.size;
  drop(block);
  blocks_.remove_if([&](const Range::Block& b) { return &b == &block; });
}

}  // namespace tenon::vulkan
