// Every command buffer begins with a barrier after everything that was submitted before it.
#include "recorder.hpp"

#include <cstring>

namespace tenon::vulkan {
namespace {

constexpr VkPipelineStageFlags2 k_work =
    VK_PIPELINE_STAGE_2_COMPUTE_SHADER_BIT | VK_PIPELINE_STAGE_2_ALL_TRANSFER_BIT;
constexpr VkPipelineStageFlags2 k_any = k_work | VK_PIPELINE_STAGE_2_DRAW_INDIRECT_BIT;
constexpr VkAccessFlags2 k_all = VK_ACCESS_2_MEMORY_READ_BIT | VK_ACCESS_2_MEMORY_WRITE_BIT;
constexpr uint64_t k_staging_unit = 16;

Access access(const Recorder::Place& place, bool writes) {
  return {reinterpret_cast<uint64_t>(place.buffer), place.offset, place.offset + place.bytes,
          writes};
}

}  // namespace

bool Recorder::open() {
  if (status_ == TN_OK && commands_ == VK_NULL_HANDLE) {
    status_ = job_.begin(commands_);
    if (status_ == TN_OK) barrier(k_any, k_all);
    hazards_.clear();
  }
  return status_ == TN_OK;
}

void Recorder::close() {
  if (commands_ == VK_NULL_HANDLE || status_ != TN_OK) return;
  status_ = gpu_.check(gpu_.api().EndCommandBuffer(commands_), "a command buffer");
  commands_ = VK_NULL_HANDLE;
}

void Recorder::barrier(VkPipelineStageFlags2 to_stages, VkAccessFlags2 to_accesses) {
  VkMemoryBarrier2 all{};
  all.sType = VK_STRUCTURE_TYPE_MEMORY_BARRIER_2;
  all.srcStageMask = k_any;
  all.srcAccessMask = k_all;
  all.dstStageMask = to_stages;
  all.dstAccessMask = to_accesses;
  VkDependencyInfo info{};
  info.sType = VK_STRUCTURE_TYPE_DEPENDENCY_INFO;
  info.memoryBarrierCount = 1;
  info.pMemoryBarriers = &all;
  gpu_.api().CmdPipelineBarrier2(commands_, &info);
}

void Recorder::order(std::initializer_list<Access> accesses) {
  if (hazards_.add({accesses.begin(), accesses.size()})) barrier(k_any, k_all);
}

void Recorder::copy(const Place& from, const Place& to) {
  if (!open()) return;
  order({access(from, false), access(to, true)});
  const VkBufferCopy region{from.offset, to.offset, from.bytes};
  gpu_.api().CmdCopyBuffer(commands_, from.buffer, to.buffer, 1, &region);
}

void Recorder::fill(const Place& to, uint32_t pattern) {
  if (!open()) return;
  order({access(to, true)});
  gpu_.api().CmdFillBuffer(commands_, to.buffer, to.offset, to.bytes, pattern);
}

std::byte* Recorder::stage(const Place& to) {
  if (status_ != TN_OK) return nullptr;
  const uint64_t at = up_used_;
  up_used_ += (to.bytes + k_staging_unit - 1) / k_staging_unit * k_staging_unit;
  copy({job_.up->buffer(), job_.up->offset() + at, to.bytes}, to);
  return job_.up->mapped() + at;
}

void Recorder::write(const void* from, const Place& to) {
  if (std::byte* staged = stage(to)) std::memcpy(staged, from, to.bytes);
}

void Recorder::move(const Place& from, const Place& to) {
  const uint64_t apart =
      from.offset > to.offset ? from.offset - to.offset : to.offset - from.offset;
  if (apart == 0 || apart >= from.bytes) {
    if (apart != 0) copy(from, to);
    return;
  }
  const Place between{job_.down->buffer(), job_.down->offset() + down_used_, from.bytes};
  down_used_ += (from.bytes + k_staging_unit - 1) / k_staging_unit * k_staging_unit;
  copy(from, between);
  copy(between, to);
}

void Recorder::read(const Place& from, void* to) {
  if (status_ != TN_OK) return;
  copy(from, {job_.down->buffer(), job_.down->offset() + down_used_, from.bytes});
  job_.landings.push_back({down_used_, to, from.bytes, 0});
  down_used_ += (from.bytes + k_staging_unit - 1) / k_staging_unit * k_staging_unit;
}

void Recorder::run(std::span<const VkCommandBuffer> recorded, Pace& pace, bool measured) {
  if (!open()) return;  // for its barrier, at least
  barrier(k_any, k_all);
  close();
  for (uint32_t i = 0; status_ == TN_OK && i < recorded.size(); ++i)
    job_.add(recorded[i], i, measured ? &pace : nullptr);
  job_.paces.push_back(&pace);
}

void Recorder::read_times(VkQueryPool pool, uint32_t n, uint64_t* to) {
  if (!open()) return;
  const uint64_t bytes = uint64_t{n + 1} * 8;
  order({{reinterpret_cast<uint64_t>(job_.down->buffer()), job_.down->offset() + down_used_,
          job_.down->offset() + down_used_ + bytes, true}});
  gpu_.api().CmdCopyQueryPoolResults(commands_, pool, 0, n + 1, job_.down->buffer(),
                                     job_.down->offset() + down_used_, 8,
                                     VK_QUERY_RESULT_64_BIT | VK_QUERY_RESULT_WAIT_BIT);
  job_.landings.push_back({down_used_, to, uint64_t{n} * 8, gpu_.physical().timestamp_ns});
  down_used_ += (bytes + k_staging_unit - 1) / k_staging_unit * k_staging_unit;
}

tn_status Recorder::finish() {
  const bool ends_with_plan =
      commands_ == VK_NULL_HANDLE && !job_.order.empty();  // whose results a mapping may show
  if (ends_with_plan) open();
  if (commands_ != VK_NULL_HANDLE && status_ == TN_OK)
    barrier(VK_PIPELINE_STAGE_2_HOST_BIT, VK_ACCESS_2_HOST_READ_BIT);
  close();
  return status_;
}

}  // namespace tenon::vulkan
