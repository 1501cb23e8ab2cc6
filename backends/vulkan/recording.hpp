// A program recorded once for given memory: descriptor sets and a command buffer that is replayed.
#pragma once

#include "backends/gpu/program.hpp"
#include "groups.hpp"
#include "memory.hpp"
#include "pace.hpp"
#include "pipelines.hpp"

namespace tenon::vulkan {

class Kv;

class Recording {
 public:
  // What it was recorded for: ids of memory and offsets.
  struct Key {
    std::vector<uint64_t> words;
    bool timed = false;
    bool operator==(const Key&) const = default;
  };
  struct Memories {
    const tn_binding* bindings;
    const Kv* kv;
    const Range* scratch;
    const Range* step;  // step block, then the arguments of grids
    Pace* pace;         // how it is cut into parts; NULL: not at all
  };
  static tn_status make(Gpu& gpu, const Pipelines& pipelines, const gpu::Program& program,
                        const Memories& memories, Key key, std::unique_ptr<Recording>& out);
  Recording(Gpu& gpu, Key key) : gpu_(gpu), key_(std::move(key)) {}
  ~Recording();
  Recording(const Recording&) = delete;
  Recording& operator=(const Recording&) = delete;

  const Key& key() const { return key_; }
  std::span<const VkCommandBuffer> parts() const { return parts_; }
  VkQueryPool times() const { return times_; }  // n_nodes + 1 timestamps, if it is timed

 private:
  // Where an operand lies.
  struct Place {
    VkBuffer buffer;
    uint64_t offset, bytes;
  };
  // A launch with its memory.
  struct Bound {
    VkDescriptorSet set = VK_NULL_HANDLE;
    std::array<uint32_t, gpu::k_push_words> push{};
    std::vector<Access> accesses;
  };
  static void widen(Place& range, const Place& place);
  static Place resolve(const gpu::Operand& operand, const Memories& memories);

  tn_status create(const gpu::Program& program);
  tn_status record(const Pipelines& pipelines, const gpu::Program& program,
                   const Memories& memories);
  tn_status bind(const Pipelines& pipelines, const gpu::Program& program, const Memories& memories,
                 std::vector<Bound>& out) const;
  void bind(const gpu::Launch& launch, const Memories& memories, Bound& out) const;
  tn_status begin_part(size_t number);
  bool timed() const { return times_ != VK_NULL_HANDLE; }
  Groups plan_groups(const gpu::Program& program, std::span<const Bound> bound) const;
  void dispatch(const Pipelines& pipelines, const gpu::Program& program, const gpu::Launch& launch,
                const Range& step, const Bound& bound);
  void barrier();
  void mark_time(uint32_t node);

  Gpu& gpu_;
  Key key_;
  VkDescriptorPool sets_ = VK_NULL_HANDLE;
  VkCommandPool pool_ = VK_NULL_HANDLE;
  std::vector<VkCommandBuffer> parts_;
  VkCommandBuffer commands_ = VK_NULL_HANDLE;  // of the part that is being recorded
  VkQueryPool times_ = VK_NULL_HANDLE;
  uint32_t n_marked_ = 0;  // timestamps that are recorded
};

}  // namespace tenon::vulkan
