// Each job has a command pool, which is reset as a whole.
#include "job.hpp"

#include <bit>
#include <cstring>

namespace tenon::vulkan {
namespace {

constexpr uint64_t k_least_staging = 64 * 1024;

tn_status grow(Memory& memory, uint64_t bytes, Use use, std::unique_ptr<Range>& range) {
  if (bytes == 0 || (range != nullptr && range->size() >= bytes)) return TN_OK;
  range.reset();
  return memory.allocate(std::bit_ceil(std::max(bytes, k_least_staging)), use, range);
}

}  // namespace

Job::~Job() {
  if (pool_ != VK_NULL_HANDLE) gpu_.api().DestroyCommandPool(gpu_.handle(), pool_, nullptr);
}

tn_status Job::reset() {
  order.clear();
  parts.assign(1, {});
  paces.clear();
  n_sent = 0;
  cancel = nullptr;
  landings.clear();
  signals.clear();
  result = nullptr;
  status = TN_OK;
  n_used_ = 0;
  if (pool_ != VK_NULL_HANDLE)
    return gpu_.check(gpu_.api().ResetCommandPool(gpu_.handle(), pool_, 0), "a command pool");
  VkCommandPoolCreateInfo info{};
  info.sType = VK_STRUCTURE_TYPE_COMMAND_POOL_CREATE_INFO;
  info.flags = VK_COMMAND_POOL_CREATE_TRANSIENT_BIT;
  info.queueFamilyIndex = gpu_.physical().family;
  return gpu_.check(gpu_.api().CreateCommandPool(gpu_.handle(), &info, nullptr, &pool_),
                    "a command pool");
}

tn_status Job::reserve(Memory& memory, uint64_t up_bytes, uint64_t down_bytes) {
  const tn_status status_up = grow(memory, up_bytes, Use::upload, up);
  return status_up == TN_OK ? grow(memory, down_bytes, Use::readback, down) : status_up;
}

tn_status Job::begin(VkCommandBuffer& out) {
  if (n_used_ == own_.size()) {
    VkCommandBufferAllocateInfo info{};
    info.sType = VK_STRUCTURE_TYPE_COMMAND_BUFFER_ALLOCATE_INFO;
    info.commandPool = pool_;
    info.level = VK_COMMAND_BUFFER_LEVEL_PRIMARY;
    info.commandBufferCount = 1;
    VkCommandBuffer made = VK_NULL_HANDLE;
    const tn_status made_status = gpu_.check(
        gpu_.api().AllocateCommandBuffers(gpu_.handle(), &info, &made), "a command buffer");
    if (made_status != TN_OK) return made_status;
    own_.push_back(made);
  }
  out = own_[n_used_++];
  order.push_back(out);
  VkCommandBufferBeginInfo info{};
  info.sType = VK_STRUCTURE_TYPE_COMMAND_BUFFER_BEGIN_INFO;
  info.flags = VK_COMMAND_BUFFER_USAGE_ONE_TIME_SUBMIT_BIT;
  return gpu_.check(gpu_.api().BeginCommandBuffer(out, &info), "a command buffer");
}

void Job::add(VkCommandBuffer recorded, uint32_t number, Pace* measured) {
  if (number > 0) parts.push_back({order.size()});
  if (parts.back().pace == nullptr) {
    parts.back().pace = measured;
    parts.back().number = number;
  }
  order.push_back(recorded);
}

void Job::land() const {
  for (const Landing& landing : landings) {
    const std::byte* from = down->mapped() + landing.from;
    if (landing.tick_ns == 0) {
      std::memcpy(landing.to, from, landing.bytes);
      continue;
    }
    auto* ns = static_cast<uint64_t*>(landing.to);
    for (uint64_t i = 0; i < landing.bytes / 8; ++i) {
      uint64_t ticks[2];
      std::memcpy(ticks, from + 8 * i, sizeof ticks);
      ns[i] = static_cast<uint64_t>(static_cast<double>(ticks[1] - ticks[0]) * landing.tick_ns);
    }
  }
}

}  // namespace tenon::vulkan
